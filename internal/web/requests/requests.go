// Package requests is where an owner answers those who ask for more access,
// and where people see what became of what they asked for.
//
// It must not decide anything: it asks the door and tells what it answers.
package requests

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// topic is where the pages say what was just done.
const topic = "requests"

// Mount adds the pages.
func Mount(s *site.Site) {
	s.Handle("GET /requests", showList)
	s.Handle("GET /requests/{id}", showOne)
	s.Handle("POST /requests/{id}", answer)
	s.Handle("POST /requests/{id}/withdraw", withdraw)
}

// me is the account that the pages are about: the person's own.
const me = "me"

// request is a request as the pages show it.
type request struct {
	ops.AccessRequestView
	mine bool // asked by the person who looks
}

func (r request) path() string { return "/requests/" + url.PathEscape(r.ID) }

func (r request) environment() string {
	return "/environments/" + url.PathEscape(r.Environment.Name)
}

// Wish says in words what is asked for: "SSH/SFTP access" or "level full".
func Wish(v ops.AccessRequestView) string {
	if v.Permission == "" {
		return "level " + v.Level
	}
	if row, ok := access.Lookup(access.Permission(v.Permission)); ok {
		return row.Label
	}
	return v.Permission
}

// Lasting says how long in words: "2 hours".
func Lasting(minutes int) string {
	for _, unit := range []struct {
		minutes int
		name    string
	}{{1440, "day"}, {60, "hour"}, {1, "minute"}} {
		if n := minutes / unit.minutes; n > 0 && minutes%unit.minutes == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return strconv.Itoa(n) + " " + unit.name + "s"
		}
	}
	return strconv.Itoa(minutes) + " minutes"
}

// lengths are the times that are offered, in minutes.
var lengths = []int{30, 60, 120, 240, 480, 1440, 4320, 10080, 43200}

// Lengths are the times up to most minutes to choose from, with the one given
// among them.
func Lengths(most, also int) (options []part.Option) {
	for _, n := range lengths {
		if also > 0 && also < n {
			options, also = append(options, lengthOption(also)), 0
		}
		if also == n {
			also = 0
		}
		if n <= most {
			options = append(options, lengthOption(n))
		}
	}
	return options
}

func lengthOption(minutes int) part.Option {
	return part.Option{Value: strconv.Itoa(minutes), Label: Lasting(minutes)}
}

// Running says whether what was approved is there now.
func Running(v ops.AccessRequestView) bool {
	return v.Status == string(holm.RequestApproved) && v.Until != nil && time.Now().Before(*v.Until)
}

// Waiting says whether there is no answer yet.
func Waiting(v ops.AccessRequestView) bool { return v.Status == string(holm.RequestOpen) }

// state is how a request stands, with its word.
func (r request) state() part.StateDot {
	switch {
	case Waiting(r.AccessRequestView):
		return part.StateDot{State: "pending", Word: "waiting for an answer"}
	case Running(r.AccessRequestView) && r.BreakGlass:
		return part.StateDot{State: "active", Word: "taken without asking"}
	case Running(r.AccessRequestView):
		return part.StateDot{State: "active", Word: "approved"}
	case r.Status == string(holm.RequestApproved):
		return part.StateDot{State: "ended"}
	case r.Status == string(holm.RequestRefused):
		return part.StateDot{State: "declined"}
	}
	return part.StateDot{State: "ended", Word: "taken back"}
}

// list is the page of all requests.
type list struct {
	waiting, running, past []request // on the person's own account
	asked                  []request // by the person, on other accounts
	told                   string
	owns                   bool
}

// pastMost is how many requests of before, and how many of one's own, the page
// has.
const pastMost = 30

func showList(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.told = r.Told(topic)
	return r.Frame(layout.Page{Title: "Requests", Current: layout.Requests, Crumbs: []part.Crumb{{Label: "Requests"}}, LiveURL: "/collaborators/live"}, l.view())
}

func load(r *site.Request) (l list, err error) {
	in := ops.AccessRequestsInput{Paging: ops.Paging{Limit: 200}}
	in.Account = me
	now, err := site.Ask(r, ops.AccessRequests, in)
	if err != nil {
		return l, err
	}
	for _, v := range now.Items {
		if Waiting(v) {
			l.waiting = append(l.waiting, request{v, false})
		} else {
			l.running = append(l.running, request{v, false})
		}
	}
	in.Status, in.Limit = "all", pastMost
	past, err := site.Ask(r, ops.AccessRequests, in)
	if err != nil {
		return l, err
	}
	for _, v := range past.Items {
		if !Waiting(v) && !Running(v) {
			l.past = append(l.past, request{v, false})
		}
	}
	asked, err := site.Ask(r, ops.AccessAsked, ops.AccessAskedInput{Paging: ops.Paging{Limit: pastMost}})
	for _, v := range asked.Items {
		l.asked = append(l.asked, request{v, true})
	}
	l.owns = r.User.Account.Type != string(holm.AccountCollaborator) || len(l.past)+len(l.running)+len(l.waiting) > 0
	return l, err
}

// find finds one request: one on the person's own account, or one they asked.
func find(r *site.Request) (request, error) {
	id := r.PathValue("id")
	in := ops.AccessRequestsInput{Request: id}
	in.Account = me
	page, err := site.Ask(r, ops.AccessRequests, in)
	if err == nil && len(page.Items) > 0 {
		return request{page.Items[0], false}, nil
	}
	if err != nil && holm.CodeOf(err) != holm.CodeNotFound {
		return request{}, err
	}
	if page, err = site.Ask(r, ops.AccessAsked, ops.AccessAskedInput{Request: id}); err != nil {
		return request{}, err
	}
	if len(page.Items) == 0 {
		return request{}, holm.ErrNotFound()
	}
	return request{page.Items[0], true}, nil
}

func showOne(r *site.Request) error {
	q, err := find(r)
	if err != nil {
		return err
	}
	return one{request: q, told: r.Told(topic)}.show(r, http.StatusOK)
}

// one is the page of one request.
type one struct {
	request
	told    string
	failed  error
	minutes string // what was chosen when it was refused
	words   string
}

func (o one) show(r *site.Request, status int) error {
	crumbs := []part.Crumb{{Label: "Requests", Href: "/requests"}, {Label: o.Collaborator.Email}}
	if o.mine {
		crumbs[1].Label = o.Environment.Name
	}
	return r.FrameStatus(status, layout.Page{Title: "Request", Current: layout.Requests, Crumbs: crumbs, LiveURL: "/collaborators/live"}, o.view())
}

// answer approves, extends, declines or ends.
func answer(r *site.Request) error {
	in := ops.AccessAnswerInput{Request: r.PathValue("id")}
	in.Account = me
	in.Body.Approve = r.PostFormValue("approve") == "yes"
	in.Body.Answer = r.PostFormValue("answer")
	if text := r.PostFormValue("minutes"); in.Body.Approve && text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil || minutes == 0 {
			minutes = -1 // no length: the door says which there are
		}
		in.Body.Minutes = minutes
	}
	v, err := site.Ask(r, ops.AccessAnswer, in)
	if err != nil {
		return failed(r, err)
	}
	told := "Declined. " + v.Collaborator.Email + " gets a mail with your words."
	switch {
	case in.Body.Approve:
		told = "Approved: " + v.Collaborator.Email + " has " + Wish(v) + " in " + v.Environment.Name + " until " + holm.UntilWords(*v.Until) + "."
	case r.PostForm.Has("running"):
		told = "Ended. What " + v.Collaborator.Email + " had open with it is cut."
	}
	r.Tell(topic, told)
	return r.See("/requests")
}

func failed(r *site.Request, err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeUnauthorized, holm.CodeNotFound, holm.CodeInternal:
		return err
	}
	q, problem := find(r)
	if problem != nil {
		return problem
	}
	return one{request: q, failed: err, minutes: r.PostFormValue("minutes"), words: r.PostFormValue("answer")}.show(r, site.Status(err))
}

// withdraw takes back what the person asked for.
func withdraw(r *site.Request) error {
	v, err := site.Ask(r, ops.AccessWithdraw, ops.AccessWithdrawInput{Request: r.PathValue("id")})
	if err != nil {
		return failed(r, err)
	}
	r.Tell(topic, "Taken back: "+Wish(v)+" in "+v.Environment.Name+".")
	return r.See("/requests")
}
