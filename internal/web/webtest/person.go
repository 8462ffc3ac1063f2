package webtest

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/account"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/site"
)

// Person visits the dashboard with a browser's cookies.
type Person struct {
	Email  string
	house  *House
	client *http.Client
	caller dispatch.Caller
}

// Answer is a page that a person sees, after the redirects.
type Answer struct {
	Status int
	Path   string // where they ended up, with the query
	Body   string
	Header http.Header
	house  *House
}

// Visitor is somebody who is not signed in.
func (h *House) Visitor() *Person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &Person{house: h, client: &http.Client{Jar: jar}}
}

// User makes a user who is signed in. The first is an operator when asked for.
func (h *House) User(email, name string, t holm.AccountType, operator bool) *Person {
	h.t.Helper()
	p := h.Visitor()
	p.Email = email
	err := h.Door.SystemChange(context.Background(), "test", func(s *dispatch.Scope) error {
		u, a, err := s.Tx.CreateUser(holm.User{Email: email, Name: name, Operator: operator, ProvenAt: s.Now()}, "no hash", t)
		if err != nil {
			return err
		}
		s.Caller = dispatch.Caller{Road: holm.RoadDashboard, Device: "Test browser", Address: "192.0.2.1"}
		session, err := account.StartSession(s, u, a)
		if err != nil {
			return err
		}
		p.caller = dispatch.Caller{User: u.ID, Email: u.Email, Name: u.Name, Session: session.ID, Road: holm.RoadDashboard, Address: "192.0.2.1"}
		p.SetCookie(site.Cookie, session.Token)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// SignsUp makes an account as people do: by the page, the mailed link and its
// page.
func (p *Person) SignsUp(email, name, password string) Answer {
	p.house.t.Helper()
	p.Post("/sign-up", "email", email).Says(200, "Look at your mail")
	return p.Post(p.house.Letter(holm.LetterSignUp, email).Path, "name", name, "password", password).At("/environments")
}

// Caller is the person at the door.
func (p *Person) Caller() dispatch.Caller { return p.caller }

// SetCookie gives the person's browser a cookie.
func (p *Person) SetCookie(name, value string) {
	u, err := url.Parse(p.house.URL)
	if err != nil {
		p.house.t.Fatal(err)
	}
	p.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// Cookie gives the value of a cookie, "" when there is none.
func (p *Person) Cookie(name string) string {
	u, err := url.Parse(p.house.URL)
	if err != nil {
		p.house.t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Get opens a page.
func (p *Person) Get(path string) Answer {
	p.house.t.Helper()
	return p.do(http.MethodGet, path, "", nil)
}

// Post sends a form of pairs of name and value, and follows where it leads.
func (p *Person) Post(path string, pairs ...string) Answer {
	p.house.t.Helper()
	return p.PostFrom("", path, pairs...)
}

// PostFrom posts from a page of another site.
func (p *Person) PostFrom(origin, path string, pairs ...string) Answer {
	p.house.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return p.do(http.MethodPost, path, origin, strings.NewReader(form.Encode()))
}

// PostOnce sends a form and does not follow where it leads.
func (p *Person) PostOnce(path string, pairs ...string) Answer {
	p.house.t.Helper()
	once := *p
	client := *p.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	once.client = &client
	return once.Post(path, pairs...)
}

func (p *Person) do(method, path, origin string, body io.Reader) Answer {
	p.house.t.Helper()
	request, err := http.NewRequest(method, p.house.URL+path, body)
	if err != nil {
		p.house.t.Fatal(err)
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := p.client.Do(request)
	if err != nil {
		p.house.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		p.house.t.Fatal(err)
	}
	a := Answer{Status: response.StatusCode, Path: response.Request.URL.RequestURI(), Body: string(raw), Header: response.Header, house: p.house}
	a.forgets()
	return a
}

// gathers finds the forms that gather changes.
var gathers = regexp.MustCompile(`data-savebar="([^"]+)"`)

// forgets fails the test when a browser would bring back the unsaved changes
// of a form as if they were what is stored.
func (a Answer) forgets() {
	a.house.t.Helper()
	for _, found := range gathers.FindAllStringSubmatch(a.Body, -1) {
		form := regexp.MustCompile(`<form [^>]*id="` + regexp.QuoteMeta(found[1]) + `"[^>]*>`).FindString(a.Body)
		if !strings.Contains(form, `autocomplete="off"`) {
			a.house.t.Errorf("%s: the form %s gathers changes and is kept by browsers: %s", a.Path, found[1], form)
		}
	}
}

// Open opens a page that stays open, such as a stream; ctx ends it.
func (p *Person) Open(ctx context.Context, path string) *http.Response {
	p.house.t.Helper()
	return p.open(ctx, path, "")
}

// stream finds a page's event stream, and the event that it goes on after.
var stream = regexp.MustCompile(`(?s)hx-headers="\{&#34;Last-Event-ID&#34;:&#34;(\d+)&#34;\}".*?hx-sse:connect="([^"]*)"`)

// OpenOf opens the event stream of a page the way that page asks for it.
func (p *Person) OpenOf(ctx context.Context, page Answer) *http.Response {
	p.house.t.Helper()
	found := stream.FindStringSubmatch(page.Body)
	if found == nil {
		p.house.t.Fatalf("%s has no event stream\n%s", page.Path, page.Body)
	}
	return p.open(ctx, found[2], found[1])
}

func (p *Person) open(ctx context.Context, path, after string) *http.Response {
	p.house.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.house.URL+path, nil)
	if err != nil {
		p.house.t.Fatal(err)
	}
	if after != "" {
		request.Header.Set("Last-Event-ID", after)
	}
	response, err := p.client.Do(request)
	if err != nil {
		p.house.t.Fatal(err)
	}
	return response
}

// Says fails the test unless the page has the status and every text.
func (a Answer) Says(status int, texts ...string) Answer {
	a.house.t.Helper()
	if a.Status != status {
		a.house.t.Errorf("%s: status %d, want %d\n%s", a.Path, a.Status, status, a.main())
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			a.house.t.Errorf("%s does not say %q\n%s", a.Path, text, a.main())
		}
	}
	return a
}

// Silent fails the test when the page has one of the texts.
func (a Answer) Silent(texts ...string) Answer {
	a.house.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			a.house.t.Errorf("%s says %q\n%s", a.Path, text, a.main())
		}
	}
	return a
}

// At fails the test unless the person ended up there.
func (a Answer) At(path string) Answer {
	a.house.t.Helper()
	if a.Path != path {
		a.house.t.Errorf("ended up at %s, want %s", a.Path, path)
	}
	return a
}

// main is the part of the page that is worth showing in a failed test.
func (a Answer) main() string {
	if i := strings.Index(a.Body, "<main"); i >= 0 {
		return a.Body[i:]
	}
	return a.Body
}
