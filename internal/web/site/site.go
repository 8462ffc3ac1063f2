// Package site is what all pages of the dashboard stand on: who asks, how a
// page is shown, how an error is told, how a page is kept live.
//
// It asks the door and nothing else. It must not know any single page.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/origin"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/ops"
)

// Options are what the pages need of the installation.
type Options struct {
	Door       *dispatch.Door
	Log        *slog.Logger
	Version    string
	PublicURL  string // of the dashboard, without a slash at its end
	BaseDomain string
	// Proxies are the peers whose X-Forwarded-For and -Proto are believed.
	Proxies origin.Proxies
	// Outbox says that mails stay in the outbox, so that pages can say where
	// an invitation is to be found.
	Outbox bool
	// Setup says why the first user cannot be made with a set-up link, nil
	// when they can.
	Setup func(ctx context.Context, token holm.Secret) error
	// SignUpLink gives the address that a link to sign up was mailed to, or says
	// why it does not work.
	SignUpLink func(ctx context.Context, token holm.Secret) (email string, err error)
	// SignUpOpen says that anybody may make an account.
	SignUpOpen bool
}

// Site collects the pages.
type Site struct {
	Options
	mux   *http.ServeMux
	notes notes
}

// New makes a site without pages.
func New(o Options) *Site {
	s := &Site{Options: o, mux: http.NewServeMux()}
	s.Handle("POST "+viewEndPath, endView)
	return s
}

// Cookie is the name of the session's cookie. It is sent to this host alone,
// never to environments below the base domain.
const Cookie = "holm_session"

// DeviceCookie is the name of what a browser keeps between sign-ins: who
// guesses passwords elsewhere does not hold up the person at this one.
const DeviceCookie = "holm_device"

// Request is one request with who asks.
type Request struct {
	*http.Request
	W      http.ResponseWriter
	Caller dispatch.Caller
	User   ops.UserView // zero when not signed in
	Site   *Site
	view   ops.ViewView
	device string // a token for a browser that has none yet
	since  uint64 // the last event before anything was read for the answer
}

// Handler answers a request. An error is told to the person in one place.
type Handler func(r *Request) error

// Handle adds a page for people who are signed in; others are led to sign in
// and back.
func (s *Site) Handle(pattern string, h Handler) {
	s.add(pattern, func(r *Request) error {
		if !r.Caller.SignedIn() {
			return r.signInFirst()
		}
		return h(r)
	})
}

// Open adds a page for everybody.
func (s *Site) Open(pattern string, h Handler) { s.add(pattern, h) }

// Raw adds a handler that needs to know nobody.
func (s *Site) Raw(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

func (s *Site) add(pattern string, h Handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, raw *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r := &Request{Request: raw, W: w, Site: s, Caller: dispatch.Caller{Road: holm.RoadDashboard, Address: s.Proxies.Address(raw), Device: dispatch.ShortDevice(raw.UserAgent())}}
		if err := r.receive(); err != nil {
			r.fail(err)
			return
		}
		r.Caller.DeviceKey, r.device = r.deviceKey()
		r.since = s.Door.LastEvent()
		if err := r.identify(); err != nil {
			r.fail(err)
			return
		}
		if r.viewOver() {
			h = func(r *Request) error {
				return r.leaveView("You looked as " + r.view.Collaborator.Email + "; that ended by itself.")
			}
		}
		if err := h(r); err != nil {
			r.fail(err)
		}
	})
}

// identify finds out who asks. A cookie that has ended is taken away.
func (r *Request) identify() error {
	caller, err := r.authenticate()
	if err != nil || !caller.SignedIn() {
		return err
	}
	r.Caller = caller
	if r.Viewing() {
		return r.lookAs()
	}
	r.User, err = Ask(r, ops.UserShow, ops.UserShowInput{})
	return err
}

// mostCookies is how many cookies of the session's name are looked at.
const mostCookies = 8

// authenticate finds the caller of the one cookie that works. More than one
// cookie means that another host of the same site has set some: what is made
// up there signs nobody out. When several work, which of them is the person's
// cannot be known, so none counts.
func (r *Request) authenticate() (found dispatch.Caller, err error) {
	cookies := r.CookiesNamed(r.cookie())
	for _, c := range cookies[:min(len(cookies), mostCookies)] {
		caller, err := r.Site.Door.Authenticate(r.Context(), c.Value, r.Caller)
		switch {
		case err != nil && holm.CodeOf(err) == holm.CodeUnauthorized:
		case err != nil:
			return dispatch.Caller{}, err
		case caller.Session == "": // an access token is for scripts, not for browsers
		case found.SignedIn() && found.Session != caller.Session:
			return dispatch.Caller{}, nil
		default:
			found = caller
		}
	}
	if len(cookies) == 1 && !found.SignedIn() {
		r.Forget()
	}
	return found, nil
}

// Remember sets the session's cookie.
func (r *Request) Remember(session ops.SessionCreated) {
	http.SetCookie(r.W, &http.Cookie{Name: r.cookie(), Value: session.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.secure(), MaxAge: int(dispatch.SessionTTL.Seconds())})
	if r.device != "" {
		http.SetCookie(r.W, &http.Cookie{Name: r.named(DeviceCookie), Value: r.device, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
			Secure: r.secure(), MaxAge: int(deviceTTL.Seconds())})
	}
}

// deviceTTL is how long a browser is known again; 400 days are the most that
// browsers keep a cookie.
const deviceTTL = 400 * 24 * time.Hour

// SignIn asks for an operation that signs somebody in. The session's cookie is
// set where there is a session.
func SignIn[I ops.Input, O any](r *Request, op ops.Op[I, O], in I, session func(O) *ops.SessionCreated) (O, error) {
	out, err := Ask(r, op, in)
	if err != nil {
		return out, err
	}
	if started := session(out); started != nil {
		r.Remember(*started)
	}
	return out, nil
}

// deviceKey is the hash of what this browser was given at its first sign-in.
// One that has nothing, or more than one thing, which means that somebody else
// set one, gets a new token, which it keeps when somebody signs in.
func (r *Request) deviceKey() (key, fresh string) {
	cookies := r.CookiesNamed(r.named(DeviceCookie))
	if len(cookies) == 1 && len(cookies[0].Value) > 20 && len(cookies[0].Value) <= 100 {
		return dispatch.HashToken(cookies[0].Value), ""
	}
	fresh, key = dispatch.NewToken("")
	return key, fresh
}

// Forget takes the session's cookie away.
func (r *Request) Forget() {
	http.SetCookie(r.W, &http.Cookie{Name: r.cookie(), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.secure(), MaxAge: -1})
}

// cookie is the name of the session's cookie here. Over HTTPS it has the
// prefix that browsers let no other host of the site set.
func (r *Request) cookie() string { return r.named(Cookie) }

func (r *Request) named(cookie string) string { return r.prefix() + cookie }

func (r *Request) prefix() string {
	if r.secure() {
		return "__Host-"
	}
	return ""
}

func (r *Request) secure() bool {
	if r.Site.Proxies.Secure(r.Request) {
		return true
	}
	// A proxy that was not named says nothing; where people are is known all
	// the same.
	host, https := strings.CutPrefix(r.Site.PublicURL, "https://")
	return https && origin.Host(host) == origin.Host(r.Host)
}

// Ask asks the door for an operation as the person who asks.
func Ask[I ops.Input, O any](r *Request, op ops.Op[I, O], in I) (O, error) {
	return dispatch.Call(r.Context(), r.Site.Door, r.Caller, op, in)
}

// ByHTMX says whether htmx asks, which takes parts of pages.
func (r *Request) ByHTMX() bool { return r.Header.Get("HX-Request") == "true" }

// See leads to another page after a change.
func (r *Request) See(path string) error {
	http.Redirect(r.W, r.Request, path, http.StatusSeeOther)
	return nil
}

func (r *Request) signInFirst() error {
	if r.Method != http.MethodGet {
		return r.See("/sign-in")
	}
	return r.See("/sign-in?next=" + url.QueryEscape(r.URL.RequestURI()))
}

// Next gives where to go after signing in: a path of this site, never another
// site's.
func (r *Request) Next() string {
	next := r.FormValue("next")
	u, err := url.Parse(next)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/environments"
	}
	return next
}

// Frame shows a page in the dashboard's frame.
func (r *Request) Frame(p layout.Page, body templ.Component) error {
	return r.FrameStatus(http.StatusOK, p, body)
}

// FrameStatus is Frame with another status, for forms that are shown again.
func (r *Request) FrameStatus(status int, p layout.Page, body templ.Component) error {
	return r.show(status, layout.Frame(r.dress(p)), body)
}

// dress adds to a page what it has from the person who asks.
func (r *Request) dress(p layout.Page) layout.Page {
	p.Person = layout.Person{Name: r.User.Name, Email: r.User.Email, Operator: r.User.Operator}
	p.Theme = layout.ThemeOf(r.Request)
	p.LiveSince = r.since
	p.Nav = r.navigation()
	if r.Viewing() {
		p.Banner = r.banner()
	}
	return p
}

// Card shows a calm page of one card.
func (r *Request) Card(status int, c layout.CardProps, body templ.Component) error {
	c.Theme = layout.ThemeOf(r.Request)
	return r.show(status, layout.Card(c), body)
}

// Part shows a part of a page, for htmx.
func (r *Request) Part(status int, body templ.Component) error {
	r.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.W.WriteHeader(status)
	return r.begun(body.Render(r.Context(), r.W))
}

// begun takes what went wrong once an answer has begun: it can no more be told
// to the person, who has usually gone.
func (r *Request) begun(err error) error {
	if err != nil && r.Context().Err() == nil {
		r.Site.Log.Warn("page was cut off", "path", r.URL.Path, "error", err)
	}
	return nil
}

func (r *Request) show(status int, around, body templ.Component) error {
	r.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.W.WriteHeader(status)
	return r.begun(around.Render(templ.WithChildren(r.Context(), body), r.W))
}

// ServeHTTP answers with the page that a request asks for.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
