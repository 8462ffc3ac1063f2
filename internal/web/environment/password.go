package environment

import (
	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountPasswords adds what resets the password of a layer's servers.
func mountPasswords(s *site.Site) {
	s.Handle("GET "+root+"/layers/{layer}/password", form("Reset password", (*page).passwordForm))
	s.Handle("POST "+root+"/layers/{layer}/password", action(overview, resetPassword))
}

func resetPassword(r *site.Request, _ ops.OfEnvironment) error {
	v, err := site.Ask(r, ops.LayerResetPassword, ops.LayerResetPasswordInput{OfLayer: layerOf(r)})
	if err == nil {
		r.Tell(topic, "A new password of "+v.Login+" is being set. It comes by mail once the server has it.")
	}
	return err
}

// passwordOf is the login whose password can be reset in a layer, "" where
// there is none.
func (p *page) passwordOf(l ops.LayerView) string { return p.stacks[l.Stack].PasswordOf }

// settable says why no password can be set in this state.
func (p *page) settable() string {
	if reason := p.restartable(); reason != "" {
		return reason
	}
	return p.busy()
}

func (p *page) passwordForm() (templ.Component, error) {
	l, err := p.layer()
	return p.passwordBody(l), err
}

func (p *page) passwordQuestion(l ops.LayerView) part.Confirm {
	return part.Confirm{ID: "password-confirm", Page: true, Title: "Set a new password of " + p.passwordOf(l) + "?", Points: []string{
		"Holm makes a password and sets it in the running server of " + holm.Counted(len(l.Nodes), "node") + ".",
		"The old one stops working at once: what connects with it from other nodes is refused until it is given the new one.",
		"The new one is mailed to the owner and to those who have full access here. Nobody else gets it, and it is shown nowhere.",
	}, Action: p.path("/layers/" + l.ID + "/password"), Button: "Set a new password", Kind: part.Primary, Back: p.path("")}
}
