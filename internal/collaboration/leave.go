package collaboration

import (
	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
)

// known says how many secrets of the account somebody could have read; "" for
// none.
func known(s *dispatch.Scope, c holm.Collaborator) (string, error) {
	list, err := s.Tx.Exposures(c)
	n := 0
	for _, x := range list {
		if x.State.Known() {
			n++
		}
	}
	if n == 0 {
		return "", err
	}
	return holm.Counted(n, "secret"), err
}
