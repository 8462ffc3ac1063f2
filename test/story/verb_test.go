package story

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"
)

// password is a person's, known to all who write stories.
func password(name string) string { return name + "'s long password" }

// person makes a verb: ana environment list. "ana signs in", "ana signs up" and "ana accepts
// $LINK" are what a person does first.
func person(name string) func(ts *testscript.TestScript, neg bool, args []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		switch {
		case len(args) == 2 && args[0] == "signs" && args[1] == "in":
			signIn(ts, name)
			return
		case len(args) == 2 && args[0] == "signs" && args[1] == "up":
			ts.Check(ts.Exec("env", "HOLM_SERVER="+ts.Getenv("URL"), "holm", "user", "sign-up", "--email", name+"@example.org"))
			link(ts, false, []string{name, "SIGN_UP"})
			ts.Check(run(ts, name, "user", "sign-up", ts.Getenv("SIGN_UP"), "--name", strings.ToUpper(name[:1])+name[1:], "--password-stdin"))
			return
		case len(args) == 2 && args[0] == "accepts":
			args = []string{"invitation", "accept", args[1], "--name", strings.ToUpper(name[:1]) + name[1:], "--password-stdin"}
		}
		err := run(ts, name, args...)
		if neg && err == nil {
			ts.Fatalf("%s was expected to be refused: %s", name, strings.Join(args, " "))
		}
		if !neg {
			ts.Check(err)
		}
	}
}

// run runs the command line as a person; what it prints can be looked at with
// stdout and stderr. The person's password is on standard input.
func run(ts *testscript.TestScript, name string, args ...string) error {
	script := `export XDG_CONFIG_HOME="$1"; shift; password="$1"; shift; printf '%s\n' "$password" | holm "$@"`
	return ts.Exec("bash", append([]string{"-c", script, "bash", filepath.Join(of(ts).work, name), password(name)}, args...)...)
}

func signIn(ts *testscript.TestScript, name string) {
	ts.Check(run(ts, name, "login", ts.Getenv("URL"), "--email", name+"@example.org", "--password-stdin"))
}

// eventually PATTERN VERB ARGS… repeats a command until what it prints
// matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("eventually PATTERN WHO ARGS…")
	}
	pattern := regexp.MustCompile(args[0])
	var out string
	if !eventuallyTrue(func() bool {
		raw, _ := of(ts).holm(args[1], args[2:]...).CombinedOutput()
		out = string(raw)
		return pattern.MatchString(out) != neg
	}) {
		ts.Fatalf("%s: still says\n%s", strings.Join(args[1:], " "), out)
	}
}

// link WHO VAR waits for a mail to a person with a link that no earlier mail
// had.
func link(ts *testscript.TestScript, neg bool, args []string) {
	who, variable, seen := args[0], args[1], of(ts).links
	if !eventuallyTrue(func() bool {
		for _, text := range mailsTo(ts, who+"@example.org") {
			if match := linkPattern.FindString(text); match != "" && !seen[match] {
				seen[match] = true
				ts.Setenv(variable, match)
				return true
			}
		}
		return false
	}) {
		ts.Fatalf("no new link came to %s", who)
	}
}

var linkPattern = regexp.MustCompile(`https?://[^\s"<>]+/(?:invitations|password|transfers|sign-up)/[A-Za-z0-9_-]+`)

// mailed WHO PATTERN [VAR] waits for a mail to a person that matches, and keeps
// what the pattern's group found.
func mailed(ts *testscript.TestScript, neg bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	if !eventuallyTrue(func() bool {
		for _, text := range mailsTo(ts, args[0]+"@example.org") {
			if match := pattern.FindStringSubmatch(text); match != nil {
				if len(args) > 2 {
					ts.Setenv(args[2], match[1])
				}
				return true
			}
		}
		return false
	}) {
		ts.Fatalf("no mail to %s matches %s:\n%s", args[0], args[1], strings.Join(mailsTo(ts, args[0]+"@example.org"), "\n---\n"))
	}
}

// mailsTo gives the text parts of the mails to an address, the oldest first.
func mailsTo(ts *testscript.TestScript, address string) (texts []string) {
	files, _ := filepath.Glob(filepath.Join(of(ts).work, "mails", "*.eml"))
	sort.Strings(files)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		m, err := mail.ReadMessage(f)
		if err == nil && strings.Contains(strings.ToLower(m.Header.Get("To")), address) {
			subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			texts = append(texts, subject+"\n"+plain(m))
		}
		f.Close()
	}
	return texts
}

func plain(m *mail.Message) string {
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err != nil {
			return ""
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			raw, _ := io.ReadAll(quotedprintable.NewReader(part))
			return string(raw)
		}
	}
}

// fetch WHO METHOD PATH [BODY] asks REST as a person ("-" for nobody); the
// answer's status and body can be looked at with stdout.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	request := []string{"-sS", "-w", `\n%{http_code}\n`, "-X", args[1], ts.Getenv("URL") + args[2]}
	if args[0] != "-" {
		request = append(request, "-H", "Authorization: Bearer "+ts.Getenv("TOKEN_"+args[0]))
	}
	if len(args) > 3 {
		request = append(request, "-H", "Content-Type: application/json", "-d", args[3])
	}
	ts.Check(ts.Exec("curl", request...))
}

// remember WHO signs a person in by REST and keeps the token for fetch.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	response, err := http.Post(ts.Getenv("URL")+"/v1/sessions", "application/json",
		strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, args[0]+"@example.org", password(args[0]))))
	ts.Check(err)
	match := regexp.MustCompile(`"token":"([^"]+)"`).FindStringSubmatch(body(response))
	if match == nil {
		ts.Fatalf("%s cannot sign in", args[0])
	}
	ts.Setenv("TOKEN_"+args[0], match[1])
}

// keep VAR PATTERN keeps what the pattern's group finds in what was printed.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	match := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if match == nil {
		ts.Fatalf("nothing printed is like %s", args[1])
	}
	ts.Setenv(args[0], match[1])
}

// code VAR SECRET [AHEAD] is what an authenticator shows, or will show.
func code(ts *testscript.TestScript, neg bool, args []string) {
	at := time.Now()
	if len(args) > 2 {
		ahead, err := time.ParseDuration(args[2])
		ts.Check(err)
		at = at.Add(ahead)
	}
	shown, err := totp.GenerateCode(args[1], at)
	ts.Check(err)
	ts.Setenv(args[0], shown)
}

// answers NAME STATUS [TIMES] asks an environment as a visitor would, until it
// answers with the status; with TIMES it must do so that many times more.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	r := of(ts)
	get := func() (int, string) {
		request, err := http.NewRequest(http.MethodGet, "http://"+r.address+"/", nil)
		ts.Check(err)
		request.Host = args[0] + ".holm.localhost"
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err.Error()
		}
		return response.StatusCode, body(response)
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	code, text := 0, ""
	if !eventuallyTrue(func() bool { code, text = get(); return code == want }) {
		ts.Fatalf("%s answers %d:\n%s", args[0], code, text)
	}
	if len(args) > 2 {
		times, err := strconv.Atoi(args[2])
		ts.Check(err)
		for range times {
			if code, text = get(); code != want {
				ts.Fatalf("%s answers %d:\n%s", args[0], code, text)
			}
		}
	}
}
