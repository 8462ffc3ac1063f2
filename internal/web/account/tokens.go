package account

import (
	"net/http"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// keys is what the page of access tokens shows.
type keys struct {
	profile
	tokens       []ops.TokenView
	environments []ops.EnvironmentView // that a token can be narrowed to
	made         *ops.TokenCreated     // shown once
	want         wanted
}

// wanted is a token as it was asked for.
type wanted struct {
	name         string
	days         string
	permissions  map[string]bool
	environments map[string]bool
	everything   bool // that the person may do
	everywhere   bool
}

// chosen says what is not chosen yet: a token that may do all is asked for by
// saying so, not by leaving the form empty.
func (w wanted) chosen(somewhere bool) error {
	switch {
	case len(w.permissions) == 0 && !w.everything:
		return holm.Invalid("permissions", "Choose what the token may do, or tick “Everything I may do”.")
	case len(w.permissions) > 0 && w.everything:
		return holm.Invalid("permissions", "Either everything or what is ticked below: take one of the two away.")
	case !somewhere:
	case len(w.environments) == 0 && !w.everywhere:
		return holm.Invalid("environments", "Choose where the token works, or tick “Everywhere I may”.")
	case len(w.environments) > 0 && w.everywhere:
		return holm.Invalid("environments", "Either everywhere or what is ticked below: take one of the two away.")
	}
	return nil
}

func mountTokens(s *site.Site) {
	s.Handle("GET /account/tokens", showTokens)
	s.Handle("POST /account/tokens", createToken)
	s.Handle("POST /account/tokens/{id}/revoke", revokeToken)
	s.Handle("GET /account/sessions", showSessions)
	s.Handle("POST /account/sessions/{id}/end", endSession)
}

// choices is how many environments the form offers; more are for the command
// line.
const choices = 100

func loadTokens(r *site.Request) (k keys, err error) {
	k.profile = profile{user: r.User, told: map[string]string{}, failed: map[string]error{}}
	page, err := site.Ask(r, ops.TokenList, ops.TokenListInput{})
	if err != nil {
		return k, err
	}
	k.tokens = page.Items
	list, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Paging: ops.Paging{Limit: choices}})
	k.environments = list.Items
	k.want = wanted{days: "90"}
	return k, err
}

func (k keys) show(r *site.Request, status int) error {
	return r.FrameStatus(status, page("Access tokens"), k.view())
}

func showTokens(r *site.Request) error {
	k, err := loadTokens(r)
	if err != nil {
		return err
	}
	k.told["tokens"] = r.Told("tokens")
	return k.show(r, http.StatusOK)
}

// createToken makes a token and shows it in its answer: no address leads to
// it again.
func createToken(r *site.Request) error {
	in, want := ops.TokenCreateInput{}, wanted{name: r.PostFormValue("name"), days: r.PostFormValue("days"), permissions: map[string]bool{}, environments: map[string]bool{}}
	in.Body.Name, in.Body.Permissions, in.Body.Environments = want.name, r.PostForm["permission"], r.PostForm["environment"]
	for _, p := range in.Body.Permissions {
		want.permissions[p] = true
	}
	for _, e := range in.Body.Environments {
		want.environments[e] = true
	}
	want.everything, want.everywhere = r.PostForm.Has("everything"), r.PostForm.Has("everywhere")
	k, failed := loadTokens(r)
	if failed != nil {
		return failed
	}
	days, err := strconv.Atoi(want.days)
	if err != nil || days < 1 || days > 366 {
		err = holm.Invalid("days", "A token lives 1 to 366 days.")
	} else {
		until := time.Now().Add(time.Duration(days) * 24 * time.Hour)
		in.Body.Until = &until
		err = want.chosen(len(k.environments) > 0)
	}
	var made ops.TokenCreated
	if err == nil {
		made, err = site.Ask(r, ops.TokenCreate, in)
	}
	if err != nil && (holm.CodeOf(err) == holm.CodeUnauthorized || holm.CodeOf(err) == holm.CodeInternal) {
		return err
	}
	if err != nil {
		k.failed["create"], k.want = err, want
		return k.show(r, site.Status(err))
	}
	if k, failed = loadTokens(r); failed != nil {
		return failed
	}
	k.made = &made
	return k.show(r, http.StatusOK)
}

func revokeToken(r *site.Request) error {
	if _, err := site.Ask(r, ops.TokenDelete, ops.TokenDeleteInput{Token: r.PathValue("id")}); err != nil {
		return err
	}
	r.Tell("tokens", "The token is revoked; what it had open is cut.")
	return r.See("/account/tokens")
}

// rights are what a token can be narrowed to, with what they let one do.
func rights() (list []access.Row) {
	for _, row := range access.Table() {
		if row.Permission != access.EnvironmentSee && ops.Offers(row.Permission) { // comes with any other
			list = append(list, row)
		}
	}
	return list
}

// showSessions shows where a person is signed in.
func showSessions(r *site.Request) error {
	p, err := loadSessions(r)
	if err != nil {
		return err
	}
	p.told["sessions"] = r.Told("sessions")
	return r.FrameStatus(http.StatusOK, page("Sessions"), p.sessionPage())
}

func loadSessions(r *site.Request) (p profile, err error) {
	p = profile{user: r.User, told: map[string]string{}, failed: map[string]error{}}
	sessions, err := site.Ask(r, ops.SessionList, ops.SessionListInput{})
	p.sessions = sessions.Items
	return p, err
}

func endSession(r *site.Request) error {
	id := r.PathValue("id")
	if _, err := site.Ask(r, ops.SessionDelete, ops.SessionDeleteInput{Session: id}); err != nil {
		return err
	}
	r.Tell("sessions", map[bool]string{true: "You are signed out everywhere but here.", false: "That session is ended."}[id == "others"])
	return r.See("/account/sessions")
}
