package collaborators

import (
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/part"
)

// legend is what the levels allow, from the table that decides.
func legend() part.PermissionMatrix {
	m := part.PermissionMatrix{Caption: "What each level allows", Levels: []string{"Limited", "Full"}}
	group := part.MatrixGroup{}
	for _, r := range access.Table() {
		if r.Scope != access.ScopeEnvironment {
			continue
		}
		group.Rows = append(group.Rows, part.MatrixRow{Label: r.Label, Answers: []part.Answer{answer(r.Lower), answer(r.Upper)}})
	}
	m.Groups = []part.MatrixGroup{group}
	return m
}

func answer(c access.Cell) part.Answer {
	switch c {
	case access.Yes:
		return part.Yes
	case access.No:
		return part.No
	case access.OwnRows:
		return "own rows"
	}
	return part.Answer(c)
}
