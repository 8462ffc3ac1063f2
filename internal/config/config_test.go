package config_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/config"
	"github.com/holmhq/holm/internal/mail/smtp"
	"github.com/holmhq/holm/internal/origin"
)

// environment makes an env of name=value pairs.
func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if before, after, _ := strings.Cut(pair, "="); before == name {
				return after
			}
		}
		return ""
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "holm.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func standard(t *testing.T) config.Config {
	t.Helper()
	data, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	return config.Config{Data: data, Keys: data, HTTP: "127.0.0.1:8080", SSH: "127.0.0.1:3022", BaseDomain: "holm.localhost",
		PublicURL: "http://127.0.0.1:8080", Engine: config.Local, Database: holm.NewSecret("sqlite"), MailFrom: "holm@holm.localhost", KeepDeleted: 7 * 24 * time.Hour, AuditKeep: 400 * 24 * time.Hour}
}

func TestDefaults(t *testing.T) {
	got, err := config.Load(nil, environment())
	if want := standard(t); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("nothing set is %+v (%v), not %+v", got, err, want)
	}
}

func TestEverythingSet(t *testing.T) {
	want := config.Config{
		Data: "/srv/holm", Keys: "/srv/keys", HTTP: ":80", HTTPS: "[::]:443", SSH: "0.0.0.0:22", FTP: "192.0.2.1:21", BaseDomain: "apps.example.com",
		PublicURL: "https://holm.example.com", Engine: config.Kubernetes, Stacks: "/srv/stacks", Database: holm.NewSecret("postgres://holm:pw@db/holm"),
		SMTP:     &smtp.Server{Host: "mail.example.com", Port: 587, User: "holm", Password: holm.NewSecret("pw"), Encryption: smtp.Offered, Timeout: time.Minute},
		MailFrom: "post@example.com", MailDir: "/srv/mails", OperatorEmail: "op@example.com", OperatorPassword: holm.NewSecret("correct horse"), SignUpOpen: true, KeepDeleted: 12 * time.Hour,
		OIDC:        config.OIDC{Issuer: "https://login.example.com", ClientID: "holm", SecretFile: "/srv/secret", Name: "Example login"},
		Checkpoints: "/srv/checkpoints", CheckpointsMail: "audit@example.com", AuditKeep: 30 * 24 * time.Hour, AuditPush: holm.NewSecret("https://u:pw@logs.example.com/in"),
		Proxies: origin.Proxies{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")},
	}
	set := [][2]string{
		{"data", "/srv/holm"}, {"keys", "/srv/keys"}, {"http", ":80"}, {"https", "[::]:443"}, {"ssh", "0.0.0.0:22"}, {"ftp", "192.0.2.1:21"},
		{"base-domain", "Apps.Example.com."}, {"public-url", "https://holm.example.com/"}, {"engine", "kubernetes"}, {"stacks", "/srv/stacks"},
		{"database", "postgres://holm:pw@db/holm"}, {"smtp", "smtp://holm:pw@mail.example.com"}, {"mail-from", "post@example.com"},
		{"mail-dir", "/srv/mails"}, {"operator-email", "op@example.com"}, {"operator-password", "correct horse"}, {"sign-up", "open"}, {"keep-deleted", "12h"},
		{"oidc-issuer", "https://login.example.com"}, {"oidc-client-id", "holm"}, {"oidc-secret-file", "/srv/secret"}, {"oidc-name", "Example login"},
		{"checkpoints", "/srv/checkpoints"}, {"checkpoints-mail", "audit@example.com"}, {"audit-keep", "30d"}, {"audit-push", "https://u:pw@logs.example.com/in"},
		{"trusted-proxies", "127.0.0.1, 10.1.2.3/8"},
	}
	var arguments, variables []string
	var file strings.Builder
	for _, pair := range set {
		arguments = append(arguments, "--"+pair[0], pair[1])
		variables = append(variables, "HOLM_"+strings.ToUpper(strings.ReplaceAll(pair[0], "-", "_"))+"="+pair[1])
		fmt.Fprintf(&file, "%s: %q # a remark\n", pair[0], pair[1])
	}
	path := write(t, file.String())
	for road, load := range map[string]func() (config.Config, error){
		"flags":                 func() (config.Config, error) { return config.Load(arguments, environment()) },
		"environment":           func() (config.Config, error) { return config.Load(nil, environment(variables...)) },
		"file":                  func() (config.Config, error) { return config.Load([]string{"--config", path}, environment()) },
		"file from environment": func() (config.Config, error) { return config.Load(nil, environment("HOLM_CONFIG="+path)) },
	} {
		got, err := load()
		got.Exposed = nil // tried below
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("by %s: %+v (%v), not %+v", road, got, err, want)
		}
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.Register(flags)
	if err := flags.Parse(nil); err != nil {
		t.Fatal(err)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && !strings.HasSuffix(f.Name, "-file") && !strings.Contains(file.String(), f.Name+":") {
			t.Errorf("the option %s is not tried here", f.Name)
		}
	})
}

func TestPrecedence(t *testing.T) {
	path := write(t, "http: 127.0.0.1:1\nssh: 127.0.0.1:2\nftp: off\nsign-up: open\n")
	c, err := config.Load([]string{"--config", path, "--http", "127.0.0.1:5"}, environment("HOLM_HTTP=127.0.0.1:3", "HOLM_SSH=127.0.0.1:4", "HOLM_FTP="))
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTP != "127.0.0.1:5" {
		t.Errorf("a flag does not beat the environment: %s", c.HTTP)
	}
	if c.SSH != "127.0.0.1:4" {
		t.Errorf("the environment does not beat the file: %s", c.SSH)
	}
	if !c.SignUpOpen || c.FTP != "" {
		t.Errorf("the file does not beat the default: %+v", c)
	}
	// A flag that repeats the default is a decision too.
	if c, _ := config.Load([]string{"--engine", "local"}, environment("HOLM_ENGINE=simulated")); c.Engine != config.Local {
		t.Errorf("a flag with the default's value loses: %s", c.Engine)
	}
}

func TestFaults(t *testing.T) {
	for name, try := range map[string]struct {
		arguments []string
		file      string
		says      []string
	}{
		"unknown flag":       {arguments: []string{"--htp", "x"}, says: []string{"--htp: There is no option \"htp\"; did you mean http?"}},
		"unknown, far":       {arguments: []string{"--colour", "x"}, says: []string{"holm serve --help"}},
		"no option":          {arguments: []string{"serve"}, says: []string{`no option called "serve"`}},
		"no value":           {arguments: []string{"--http"}, says: []string{"cannot be read"}},
		"address":            {arguments: []string{"--http", "8080"}, says: []string{"--http: ", "host:port"}},
		"address, host":      {arguments: []string{"--ssh", "example.com:22"}, says: []string{"not an IP address"}},
		"address, port":      {arguments: []string{"--ftp", ":70000"}, says: []string{"not a port"}},
		"address, service":   {arguments: []string{"--ftp", ":ftp"}, says: []string{"not a port"}},
		"address, empty":     {arguments: []string{"--https", ""}, says: []string{"not an address"}},
		"same address":       {arguments: []string{"--ssh", "127.0.0.1:8080"}, says: []string{"http and ssh cannot both listen on 127.0.0.1:8080."}},
		"nobody listens":     {arguments: []string{"--http", "off"}, says: []string{"both off"}},
		"data":               {arguments: []string{"--data", ""}, says: []string{"folder for data"}},
		"base domain":        {arguments: []string{"--base-domain", "holm..localhost"}, says: []string{"not a domain"}},
		"base domain, IP":    {arguments: []string{"--base-domain", "127.0.0.1"}, says: []string{"an IP address"}},
		"base domain, no":    {arguments: []string{"--base-domain", "hölm.localhost"}, says: []string{"not a domain"}},
		"base domain, long":  {arguments: []string{"--base-domain", strings.Repeat("a.", 100) + "b"}, says: []string{"longer"}},
		"public URL":         {arguments: []string{"--public-url", "holm.example.com"}, says: []string{"not the URL"}},
		"public URL, path":   {arguments: []string{"--public-url", "https://holm.example.com/x"}, says: []string{"without a path"}},
		"engine":             {arguments: []string{"--engine", "docker"}, says: []string{`no engine "docker"`}},
		"database":           {arguments: []string{"--database", "mysql://u:canary@h/n"}, says: []string{"sqlite or postgres://"}},
		"database, no name":  {arguments: []string{"--database", "postgres://u:canary@h"}, says: []string{"which database"}},
		"database, unclear":  {arguments: []string{"--database", "postgres://u:canary@h:port/n"}, says: []string{"sqlite or postgres://"}},
		"smtp":               {arguments: []string{"--smtp", "mailto://u:canary@h"}, says: []string{"smtp://"}},
		"mail from":          {arguments: []string{"--mail-from", "Holm <holm@example.com>"}, says: []string{"e-mail address"}},
		"operator alone":     {arguments: []string{"--operator-email", "op@example.com"}, says: []string{"both or neither"}},
		"password alone":     {arguments: []string{"--operator-password", "canary"}, says: []string{"both or neither"}},
		"sign-up":            {arguments: []string{"--sign-up", "yes"}, says: []string{"neither open nor closed"}},
		"kept":               {arguments: []string{"--keep-deleted", "soon"}, says: []string{"7d or 12h"}},
		"kept, before":       {arguments: []string{"--keep-deleted", "-1d"}, says: []string{"7d or 12h"}},
		"kept, for ever":     {arguments: []string{"--keep-deleted", "99999d"}, says: []string{"3650d"}},
		"several":            {arguments: []string{"--engine", "x", "--sign-up", "y"}, says: []string{"--engine: ", "\n--sign-up: "}},
		"file missing":       {arguments: []string{"--config", "/does/not/exist"}, says: []string{"does not exist"}},
		"file is a folder":   {arguments: []string{"--config", "/"}, says: []string{"is not a file"}},
		"file, no YAML":      {file: "operator-password: [canary\n", says: []string{"not YAML"}},
		"file, no options":   {file: "- http\n", says: []string{"no list of options"}},
		"file, unknown":      {file: "http: 127.0.0.1:1\n\nbase_domain: x\n", says: []string{":3: ", `no option "base_domain"; did you mean base-domain?`}},
		"file, config":       {file: "config: other.yaml\n", says: []string{`no option "config"`}},
		"file, twice":        {file: "http: 127.0.0.1:1\nhttp: 127.0.0.1:2\n", says: []string{"http is set a second time."}},
		"file, list":         {file: "http: [127.0.0.1:1]\n", says: []string{"one plain value"}},
		"file, nothing":      {file: "http:\n", says: []string{"one plain value"}},
		"file, value":        {file: "sign-up: true\n", says: []string{":1 (sign-up): ", `"true" is neither`}},
		"file, several":      {file: "htp: 1\nftpp: 2\nsign-up: x\n", says: []string{"did you mean http?\n", "did you mean ftp?\n", "neither"}},
		"file and flag both": {file: "htp: 1\n", arguments: []string{"--engine", "x"}, says: []string{"did you mean http?", "no engine"}},
	} {
		t.Run(name, func(t *testing.T) {
			arguments := try.arguments
			if try.file != "" {
				arguments = append([]string{"--config", write(t, try.file)}, arguments...)
			}
			_, err := config.Load(arguments, environment())
			if err == nil {
				t.Fatal("no fault was found")
			}
			if holm.CodeOf(err) != holm.CodeInvalid {
				t.Errorf("the code is %s", holm.CodeOf(err))
			}
			for _, says := range try.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("it says %q, not %q", err, says)
				}
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasSuffix(line, ".") && !strings.HasSuffix(line, "?") {
					t.Errorf("%q is not a sentence", line)
				}
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("a password is told: %q", err)
			}
		})
	}
}

func TestEnvironmentIsNamedInFaults(t *testing.T) {
	_, err := config.Load(nil, environment("HOLM_ENGINE=x"))
	if err == nil || !strings.HasPrefix(err.Error(), "HOLM_ENGINE: ") {
		t.Errorf("it says %v", err)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c, err := config.Load([]string{"--operator-email", "op@example.com"}, environment("HOLM_OPERATOR_PASSWORD=canary-1",
		"HOLM_DATABASE=postgres://u:canary-2@h/n", "HOLM_SMTP=smtp://u:canary-3@h"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", c, c, c), fmt.Sprintf("%v %+v %#v", *c.SMTP, *c.SMTP, *c.SMTP)} {
		if strings.Contains(text, "canary") {
			t.Errorf("a secret prints: %s", text)
		}
	}
}

func TestAddress(t *testing.T) {
	c := config.Config{BaseDomain: "apps.example.com"}
	for _, try := range []struct{ http, https, want string }{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{"[::1]:80", "", "http://[::1]"},
		{"localhost:8080", "", "http://localhost:8080"},
		{":80", "", "http://apps.example.com"},
		{"0.0.0.0:8080", "", "http://apps.example.com:8080"},
		{":80", ":443", "https://apps.example.com"},
		{":80", "192.0.2.1:8443", "https://apps.example.com:8443"},
		{"127.0.0.1:0", "", ""},
	} {
		if got := c.Address(try.http, try.https); got != try.want {
			t.Errorf("http %q, https %q: %q, not %q", try.http, try.https, got, try.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("http", "127.0.0.1:8080", "http: 127.0.0.1:8080\n")
	f.Add("smtp", "smtps://u:p@h:465?hello=x", "a: &a b\n*a: c\n")
	f.Add("base-domain", "xn--a.b", "? [x]\n: y\n")
	f.Add("database", "postgres://%zz", "http: !!binary eA==\n--- \nhttp: 1\n")
	f.Fuzz(func(t *testing.T, name, text, file string) {
		if strings.Contains(text+file, "ca=") || strings.Contains(text, "\x00") { // would read files
			return
		}
		c, err := config.Load([]string{"--config", write(t, file), "--" + name + "=" + text}, environment())
		if err != nil {
			if holm.CodeOf(err) != holm.CodeInvalid {
				t.Errorf("%v", err)
			}
			return
		}
		if c.BaseDomain == "" || c.Data == "" || c.HTTP+c.HTTPS == "" || strings.ContainsAny(c.PublicURL+c.MailFrom, "\r\n <>") {
			t.Errorf("taken: %+v", c)
		}
	})
}

// Passwords belong into files: every user of the machine sees the arguments of
// a program.
func TestPasswordsFromFiles(t *testing.T) {
	password, database, server := write(t, "correct horse\n"), write(t, "postgres://holm:pw@db/holm\r\n"), write(t, "smtp://holm:pw@mail.example.com")
	files := []string{"--operator-email", "op@example.com", "--operator-password-file", password, "--database-file", database, "--smtp-file", server}
	c, err := config.Load(files, environment())
	if err != nil || c.OperatorPassword.Reveal() != "correct horse" || c.Database.Reveal() != "postgres://holm:pw@db/holm" || c.SMTP == nil || c.SMTP.Password.Reveal() != "pw" {
		t.Fatalf("%+v, %v", c, err)
	}
	if len(c.Warnings()) != 0 {
		t.Error(c.Warnings())
	}
	c, err = config.Load([]string{"--operator-email", "op@example.com", "--operator-password", "correct horse", "--database", "postgres://holm:pw@db/holm", "--smtp", "smtp://holm:pw@mail.example.com"}, environment())
	if err != nil || len(c.Warnings()) != 3 || strings.Contains(strings.Join(c.Warnings(), " "), "horse") {
		t.Errorf("%v, %v", c.Warnings(), err)
	}
	if c, err = config.Load([]string{"--database", "postgres://holm@db/holm"}, environment("HOLM_OPERATOR_PASSWORD=correct horse", "HOLM_OPERATOR_EMAIL=op@example.com")); err != nil || len(c.Warnings()) != 0 {
		t.Errorf("%v, %v", c.Warnings(), err)
	}
	for _, arguments := range [][]string{
		{"--database", "sqlite", "--database-file", database}, {"--smtp-file", "/does/not/exist"}, {"--smtp-file", "/dev/zero"}, {"--smtp-file", write(t, "\n")}, {"--database-file", write(t, "sqlite\nsqlite")},
	} {
		if _, err := config.Load(arguments, environment()); err == nil {
			t.Errorf("%v is taken", arguments)
		}
	}
}
