package operator

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// limits is the page of what one user may have.
type limits struct {
	user
	rows   []limit
	told   string
	failed error
}

// limit is one number: what the type has, and what was set in its place.
type limit struct {
	name, label string
	normal      int
	set         string // as it was typed, "" for what the type has
	wrong       string
}

// numbers lists the numbers of a quota, with where each is kept.
func numbers(q *holm.Quota, l holm.Limits) []struct {
	limit
	to **int
} {
	return []struct {
		limit
		to **int
	}{
		{limit{name: "environments", label: "Environments", normal: l.Environments}, &q.Environments},
		{limit{name: "nodes_per_environment", label: "Nodes in one environment", normal: l.NodesPerEnvironment}, &q.NodesPerEnvironment},
		{limit{name: "nodes_per_layer", label: "Nodes in one layer", normal: l.NodesPerLayer}, &q.NodesPerLayer},
		{limit{name: "cloudlets_per_node", label: "Cloudlets of one node", normal: l.CloudletsPerNode}, &q.CloudletsPerNode},
		{limit{name: "disk_gb_per_node", label: "Disk of one node", normal: l.DiskGBPerNode}, &q.DiskGBPerNode},
	}
}

func loadLimits(r *site.Request) (p limits, err error) {
	if p.user, err = find(r); err != nil {
		return p, err
	}
	for _, n := range numbers(&p.Quota, holm.LimitsOf(holm.AccountType(p.Type))) {
		if *n.to != nil {
			n.set = strconv.Itoa(**n.to)
		}
		p.rows = append(p.rows, n.limit)
	}
	return p, nil
}

func showLimits(r *site.Request) error {
	p, err := loadLimits(r)
	if err != nil {
		return err
	}
	p.told = r.Told("limits")
	return p.show(r, http.StatusOK)
}

func (p limits) show(r *site.Request, status int) error {
	frame := page("Limits")
	frame.Crumbs = append(frame.Crumbs, part.Crumb{Label: p.Email})
	return r.FrameStatus(status, frame, p.view())
}

// setLimits saves the numbers that were typed; an empty one is the type's.
func setLimits(r *site.Request) error {
	in := ops.OperatorUpdateUserInput{User: r.PathValue("user")}
	in.Body.Quota = &holm.Quota{}
	var wrong error
	for _, n := range numbers(in.Body.Quota, holm.Limits{}) {
		text := strings.TrimSpace(r.PostFormValue(n.name))
		if text == "" {
			continue
		}
		value, err := strconv.Atoi(text)
		if err != nil {
			wrong = holm.Invalid("quota."+n.name, "Write a whole number, or nothing.")
			break
		}
		*n.to = &value
	}
	if wrong == nil {
		_, wrong = site.Ask(r, ops.OperatorUpdateUser, in)
	}
	switch holm.CodeOf(wrong) {
	case holm.CodeInvalid, holm.CodeConflict:
		if wrong == nil {
			break
		}
		p, err := loadLimits(r)
		if err != nil {
			return err
		}
		for i := range p.rows {
			p.rows[i].set, p.rows[i].wrong = r.PostFormValue(p.rows[i].name), site.Reason(wrong, "quota."+p.rows[i].name)
		}
		p.failed = wrong
		return p.show(r, site.Status(wrong))
	}
	if wrong != nil {
		return wrong
	}
	r.Tell("limits", "Saved. It counts from now on; what is there already stays.")
	return r.See(user{ops.OperatorUserView{Email: r.PathValue("user")}}.path() + "/limits")
}

// endSessions signs a user out everywhere and revokes their access tokens.
func endSessions(r *site.Request) error {
	in := ops.OperatorUpdateUserInput{User: r.PathValue("user")}
	in.Body.EndSessions = true
	v, err := site.Ask(r, ops.OperatorUpdateUser, in)
	if err != nil {
		return err
	}
	r.Tell("limits", v.Email+" is signed out everywhere, and their access tokens are revoked.")
	return r.See(user{v}.path() + "/limits")
}

func (p limits) questionSessions() part.Confirm {
	return part.Confirm{ID: "sessions", Title: "Sign " + p.called() + " out everywhere?", Button: "Sign out and revoke tokens", Action: p.path() + "/sessions",
		Points: []string{"Every browser and command line of theirs is signed out at once, and what they have open is cut.", "Their access tokens are revoked: scripts need new ones.",
			"They can sign in again; none of their devices counts as known any more."}}
}

// askSessions is the question on a page of its own, for people without a
// script.
func askSessions(r *site.Request) error {
	u, err := find(r)
	if err != nil {
		return err
	}
	question := limits{user: u}.questionSessions()
	question.Page, question.Back = true, u.path()+"/limits"
	return r.FrameStatus(http.StatusOK, page(question.Title), part.Group(part.Head{Title: u.called()}, question))
}
