// Package transfer is the page that the link of an offered environment opens:
// what is offered, and yes or no.
//
// It asks the door and shows the answers. It must not know who may own what.
package transfer

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Mount adds the pages to a site.
func Mount(s *site.Site) {
	s.Handle("GET /transfers/{token}", show)
	s.Handle("POST /transfers/{token}", accept)
	s.Handle("GET /transfers/{token}/decline", ask)
	s.Handle("POST /transfers/{token}/decline", decline)
}

// page is an offer as the person sees it to whom it is made.
type page struct {
	ops.TransferOffer
	path   string
	failed error
	keep   bool
}

func token(r *site.Request) holm.Secret { return holm.NewSecret(r.PathValue("token")) }

func find(r *site.Request) (p page, err error) {
	p.path = "/transfers/" + url.PathEscape(r.PathValue("token"))
	p.TransferOffer, err = site.Ask(r, ops.TransferShow, ops.TransferShowInput{Token: token(r)})
	return p, err
}

func show(r *site.Request) error {
	p, err := find(r)
	if err != nil {
		return over(r, err)
	}
	return card(r, p)
}

func card(r *site.Request, p page) error {
	status := http.StatusOK
	if p.failed != nil {
		status = site.Status(p.failed)
	}
	return r.Card(status, layout.CardProps{Title: p.from() + " offers you " + p.Environment.Name, Lead: "To own it, on your account " + p.Email + ".", Wide: true}, p.view())
}

// over is the page of a link that does not work, or not for who opened it.
func over(r *site.Request, err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeGone:
		return r.Trouble(layout.Problem{Status: site.Status(err), Title: "This link is over", Text: site.Sentence(err), Back: "/environments", Label: "Your environments"})
	case holm.CodeConflict:
		return r.Card(site.Status(err), layout.CardProps{Title: "This is for somebody else"}, other(site.Sentence(err), "/transfers/"+url.PathEscape(r.PathValue("token"))))
	}
	return err
}

func accept(r *site.Request) error {
	in := ops.TransferAcceptInput{Token: token(r)}
	in.Body.KeepCollaborators = r.PostFormValue("keep") != ""
	out, err := site.Ask(r, ops.TransferAccept, in)
	if err == nil {
		told := out.Environment.Name + " is yours now. Its old owner knows what is in it: change its variables and passwords."
		if len(out.Kept) > 0 {
			told = out.Environment.Name + " is yours now, and " + people(len(out.Kept)) + " can still use it. Its old owner knows what is in it: change its variables and passwords."
		}
		r.Tell("environment", told)
		return r.See("/environments/" + out.Environment.Name)
	}
	p, failed := find(r)
	if failed != nil {
		return over(r, failed)
	}
	p.failed, p.keep = err, in.Body.KeepCollaborators
	return card(r, p)
}

// ask is the question on a page of its own, for people without a script.
func ask(r *site.Request) error {
	p, err := find(r)
	if err != nil {
		return over(r, err)
	}
	question := p.question()
	question.Page, question.Back = true, p.path
	return r.Card(http.StatusOK, layout.CardProps{Title: "Offer of " + p.from()}, question)
}

func decline(r *site.Request) error {
	p, err := find(r)
	if err == nil {
		_, err = site.Ask(r, ops.TransferDecline, ops.TransferDeclineInput{Token: token(r)})
	}
	if err != nil {
		return over(r, err)
	}
	return r.Card(http.StatusOK, layout.CardProps{Title: "You declined", Lead: p.from() + " is told. If that was a mistake, ask for a new offer."}, declined())
}

func (p page) from() string {
	if p.OwnerName != "" {
		return p.OwnerName
	}
	return p.Owner.Email
}

func (p page) question() part.Confirm {
	return part.Confirm{ID: "decline", Title: "Decline " + p.Environment.Name + "?", Text: p.from() + " is told, and this link ends. The environment stays theirs.",
		Action: p.path + "/decline", Button: "Decline"}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return strconv.Itoa(n) + " people"
}

// layer says what a layer is: "app: nodejs 22, 2 nodes of up to 4 cloudlets".
func layer(l ops.TransferLayer) string {
	nodes, cloudlets := " nodes", " cloudlets"
	if l.Nodes == 1 {
		nodes = " node"
	}
	if l.Cloudlets == 1 {
		cloudlets = " cloudlet"
	}
	return l.Stack + " " + l.Version + ", " + strconv.Itoa(l.Nodes) + nodes + " of up to " + strconv.Itoa(l.Cloudlets) + cloudlets
}
