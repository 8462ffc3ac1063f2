package proxy

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/holmhq/holm/internal/origin"
)

//go:embed page.gohtml page.css
var files embed.FS

// page is what a visitor is told when no environment answers. It says what
// the address alone gives away and nothing else about the environment.
type page struct {
	Status int
	Title  string
	Text   string
	Hint   string
	// Wait is after how many seconds trying again makes sense, 0 for never.
	Wait int
	// Link is where to go instead, "" for nowhere.
	Link string
}

var (
	pageUnknown = page{Status: http.StatusNotFound, Title: "There is nothing here",
		Text: "No environment answers at this address.", Hint: "Check the address for typing errors."}
	pageStopped = page{Status: http.StatusServiceUnavailable, Title: "Stopped",
		Text: "This environment is stopped at the moment.", Hint: "It answers again once somebody starts it."}
	pageStarting = page{Status: http.StatusServiceUnavailable, Title: "Starting",
		Text: "This environment is starting.", Hint: "This page tries again by itself.", Wait: 2}
	pageBroken = page{Status: http.StatusBadGateway, Title: "Not answering",
		Text: "This environment does not answer.", Hint: "Try again in a moment. If it is yours, the dashboard says what is wrong."}
	pageLater = page{Status: http.StatusServiceUnavailable, Title: "One moment",
		Text: "This address cannot be looked up right now.", Hint: "This page tries again by itself.", Wait: 5}
	pageMethod = page{Status: http.StatusMethodNotAllowed, Title: "Not possible here",
		Text: "Requests of this method are not passed on."}
)

// Elsewhere answers a request for a host at which neither the dashboard nor an
// environment is, with the way to the dashboard.
func Elsewhere(w http.ResponseWriter, r *http.Request, dashboard string) {
	tell(w, r, page{Status: http.StatusMisdirectedRequest, Title: "Not at this address",
		Text: "Holm does not answer at this address. The dashboard is at " + dashboard + ".",
		Hint: "Whoever runs this installation says with --public-url where that is.", Link: dashboard})
}

var (
	css      = string(must(files.ReadFile("page.css")))
	document = template.Must(template.ParseFS(files, "page.gohtml"))
	// policy lets the page use its own style, known by its hash, and nothing else.
	policy = func() string {
		sum := sha256.Sum256([]byte(css))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	}()
)

func must(raw []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return raw
}

// tell answers with a page, as HTML to browsers and as a line of text to
// everybody else.
func tell(w http.ResponseWriter, r *http.Request, p page) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Vary", "Accept")
	if p.Wait > 0 {
		h.Set("Retry-After", strconv.Itoa(p.Wait))
	}
	body := []byte(strings.TrimSpace(p.Text+" "+p.Hint) + "\n")
	if p.Wait > 0 {
		body = []byte(p.Text + " Try again in " + strconv.Itoa(p.Wait) + " seconds.\n")
	}
	kind := "text/plain; charset=utf-8"
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		var b bytes.Buffer
		err := document.Execute(&b, struct {
			page
			Host  string
			Style template.CSS
		}{p, origin.Host(r.Host), template.CSS(css)})
		if err == nil { // a template that fails is a bug; the text still says it
			kind, body = "text/html; charset=utf-8", b.Bytes()
		}
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}
