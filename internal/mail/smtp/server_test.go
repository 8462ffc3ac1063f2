package smtp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail/smtp"
)

func TestParse(t *testing.T) {
	for url, want := range map[string]smtp.Server{
		"smtp://mail.example.com":                     {Host: "mail.example.com", Port: 25, Encryption: smtp.Offered},
		"smtp://127.0.0.1:2525/":                      {Host: "127.0.0.1", Port: 2525, Encryption: smtp.Offered},
		"smtp://[::1]:2525":                           {Host: "::1", Port: 2525, Encryption: smtp.Offered},
		"smtp://ana:s3c%40t@mail.example.com":         {Host: "mail.example.com", Port: 587, Encryption: smtp.Offered, User: "ana", Password: holm.NewSecret("s3c@t")},
		"smtps://ana@mail.example.com":                {Host: "mail.example.com", Port: 465, Encryption: smtp.Implicit, User: "ana"},
		"smtp://m:26?starttls=required":               {Host: "m", Port: 26, Encryption: smtp.Required},
		"smtp://m?starttls=never&timeout=5s&hello=us": {Host: "m", Port: 25, Encryption: smtp.Never, Timeout: 5 * time.Second, Hello: "us"},
	} {
		if want.Timeout == 0 {
			want.Timeout = time.Minute
		}
		got, err := smtp.Parse(url)
		if err != nil || got != want {
			t.Errorf("%s is %+v (%v), not %+v", url, got, err, want)
		}
	}
}

func TestParseFaults(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, says := range map[string]string{
		"":                                   "smtp://",
		"mail.example.com:25":                "smtp://",
		"http://canary@mail.example.com":     "smtp://",
		"smtp://":                            "no host",
		"smtp://ana:canary@":                 "no host",
		"smtp://ana:canary%zz@m":             "cannot be read",
		"smtp://ana:canary@m:0":              "between 1 and 65535",
		"smtp://ana:canary@m:99999":          "between 1 and 65535",
		"smtp://ana:canary@m/inbox":          "path",
		"smtp://m?starttls=maybe":            "offered, required or never",
		"smtps://m?starttls=never":           "smtps://",
		"smtp://m?timeout=soon":              "1s to 10m",
		"smtp://m?hello=":                    "hello",
		"smtp://m?ca=/does/not/exist":        "cannot be read",
		"smtp://m?ca=" + empty:               "PEM",
		"smtp://ana:canary@m?startls=never":  "no option",
		"smtp://ana:canary@m?starttls=%zz":   "cannot be read",
		"smtp://ana:canary\n@m:25":           "cannot be read",
		"smtp://ana:canary@m:25#part":        "path",
		"smtp://ana:canary@m:port?timeout=1": "cannot be read",
	} {
		_, err := smtp.Parse(url)
		if err == nil {
			t.Errorf("%q is taken", url)
			continue
		}
		if says == "no option" {
			says = "there are starttls"
		}
		if holm.CodeOf(err) != holm.CodeInvalid || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: the error says %q, not %q", url, err, says)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("smtp://ana:s3c%40t@mail.example.com:587?starttls=required&timeout=5s")
	f.Add("smtps://[::1]:465?hello=x")
	f.Fuzz(func(t *testing.T, url string) {
		if strings.Contains(url, "ca=") { // would read files
			return
		}
		server, err := smtp.Parse(url)
		if err != nil {
			if holm.CodeOf(err) != holm.CodeInvalid {
				t.Errorf("%q: %v", url, err)
			}
			return
		}
		if server.Host == "" || server.Port < 1 || server.Port > 65535 || server.Timeout <= 0 {
			t.Errorf("%q is taken as %+v", url, server)
		}
	})
}
