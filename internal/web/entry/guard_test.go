package entry_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
)

func TestFormsHaveASize(t *testing.T) {
	h := webtest.New(t)
	h.Visitor().Post("/sign-in", "email", "ana@example.org", "password", strings.Repeat("x", 1<<20)).Says(413, "larger than 1 MiB")
	h.Visitor().Post("/sign-in", "email", "ana@example.org", "password", strings.Repeat("x", 1<<10)).Says(401)
}

func TestBrokenFormsAreTold(t *testing.T) {
	h := webtest.New(t)
	c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\na=%%zz&")
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, "400") {
		t.Errorf("%q, %v", line, err)
	}
}

// The browser keeps who it is for the next sign-in, and forgets the pages of
// the last one.
func TestSigningOutForgetsPagesAndNotTheDevice(t *testing.T) {
	h := webtest.New(t, func(o *site.Options) { o.SignUpOpen = true })
	h.User("first@example.org", "First", holm.AccountFull, true)
	ana := h.Visitor()
	ana.SignsUp("ana@example.org", "Ana", "a long enough password")
	device := ana.Cookie(site.DeviceCookie)
	if device == "" {
		t.Fatal("the browser is not known")
	}
	out := ana.PostOnce("/sign-out")
	if out.Header.Get("Clear-Site-Data") != `"cache", "storage"` {
		t.Errorf("%v", out.Header)
	}
	if ana.Cookie(site.DeviceCookie) != device || ana.Cookie(site.Cookie) != "" {
		t.Error("the device is forgotten, or the session is not")
	}
}
