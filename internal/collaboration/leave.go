package collaboration

import (
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
)

// known says how many secrets of the account somebody could have read; "" for
// none.
func known(s *dispatch.Scope, c holm.Collaborator) (string, error) {
	list, err := s.Tx.Exposures(c)
	n := 0
	for _, x := range list {
		if x.State == holm.ExposureOpen || x.State == holm.ExposureMarked {
			n++
		}
	}
	switch n {
	case 0:
		return "", err
	case 1:
		return "1 secret", err
	}
	return strconv.Itoa(n) + " secrets", err
}
