package stacks

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holmhq/holm"
)

// good is a stack file that passes; tests break it in one place each.
const good = `{"name": "good", "title": "Good", "about": "About.", "role": "app", "builtin": "static", "versions": ["1"],
	"port": 80, "user": {"name": "app", "id": 1000, "home": "/home/app"}, "root": "/srv/app", "health": {"kind": "tcp"}}`

func TestShippedStacks(t *testing.T) {
	all, err := loadFrom(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"static", "balancer", "nginx", "nodejs", "python", "php", "ruby", "program", "custom",
		"postgresql", "mariadb", "mongodb", "redis", "memcached"} {
		if _, ok := all[name]; !ok {
			t.Errorf("the stack %s is missing", name)
		}
	}
}

func TestWrongStacksAreFound(t *testing.T) {
	tests := map[string][2]string{
		"unknown field":       {`"port"`, `"prot"`},
		"role":                {`"app", "builtin"`, `"chef", "builtin"`},
		"no way to run":       {`"builtin": "static", `, ``},
		"no versions":         {`"versions": ["1"]`, `"versions": []`},
		"port":                {`80`, `80000`},
		"root as user":        {`"id": 1000`, `"id": 0`},
		"relative root":       {`"/srv/app"`, `"srv/app"`},
		"root below usr":      {`"/srv/app"`, `"/usr/share/app"`},
		"unclean root":        {`"/srv/app"`, `"/srv/../etc"`},
		"health":              {`"tcp"`, `"hope"`},
		"health of no port":   {`"port": 80`, `"port": 0`},
		"start file":          {`"port"`, `"start_files": ["none.html"], "port"`},
		"another name":        {`"name": "good"`, `"name": "better"`},
		"title":               {`"Good"`, `""`},
		"health without path": {`{"kind": "tcp"}`, `{"kind": "http", "path": "http://other/"}`},
		"health of nothing":   {`{"kind": "tcp"}`, `{"kind": "command"}`},
		"stop signal":         {`"port"`, `"stop_signal": "KILL", "port"`},
		"built into nothing":  {`"builtin": "static"`, `"builtin": "mail"`},
		"two ways to start":   {`"port"`, `"command": ["true"], "port"`},
		"missing script":      {`"builtin": "static"`, `"script": "none.sh"`},
		"script out of start": {`"builtin": "static"`, `"script": "../check.go"`},
		"image of nothing":    {`"port"`, `"images": [{"version": "1"}], "port"`},
		"file below usr":      {`"port"`, `"files": [{"path": "/usr/x", "from": "app.py"}], "port"`},
		"file of nothing":     {`"port"`, `"files": [{"path": "/etc/x", "from": "none"}], "port"`},
		"balancer of no list": {`"role": "app"`, `"role": "balancer"`},
		"list of no balancer": {`"port"`, `"upstreams": {"file": "/run/u", "line": "{{address}}", "empty": "-", "signal": "HUP"}, "port"`},
		"password of nobody":  {`"port"`, `"password": {"command": ["true"]}, "port"`},
		"two stacks in one":   {`{"kind": "tcp"}}`, `{"kind": "tcp"}} {}`},
	}
	if _, err := loadFrom(folderWith(good)); err != nil {
		t.Fatal(err)
	}
	for what, change := range tests {
		content := strings.Replace(good, change[0], change[1], 1)
		if content == good {
			t.Fatalf("%s: the test changes nothing", what)
		}
		if _, err := loadFrom(folderWith(content)); err == nil {
			t.Errorf("%s: the mistake was not found", what)
		}
	}
}

// TestOperatorsStacks extends the shipped stacks by a folder.
func TestOperatorsStacks(t *testing.T) {
	t.Cleanup(func() {
		if err := Extend(fstest.MapFS{}); err != nil {
			t.Error(err)
		}
	})
	folder := fstest.MapFS{
		"good.json":       {Data: []byte(strings.Replace(good, `"builtin": "static"`, `"script": "own.sh"`, 1))},
		"static.json":     {Data: []byte(strings.NewReplacer(`"good"`, `"static"`, `"Good"`, `"Our static"`).Replace(good))},
		"start/own.sh":    {Data: []byte("exec {{root}}/serve {{port}}")},
		"start/unused.md": {Data: []byte("not looked at")},
	}
	if err := Extend(folder); err != nil {
		t.Fatal(err)
	}
	o, err := Find(t.Context(), "good", "")
	if err != nil || strings.Join(o.Run(), " ") != "/bin/bash -c exec /srv/app/serve 80" {
		t.Errorf("%q, %v", o.Run(), err)
	}
	if s, err := Get("static"); err != nil || s.Title != "Our static" {
		t.Errorf("a shipped stack is not replaced: %q, %v", s.Title, err)
	}
	if _, err := Get("python"); err != nil {
		t.Errorf("a shipped stack is gone: %v", err)
	}
	folder["bad.json"] = &fstest.MapFile{Data: []byte(`{"name": "bad"}`)}
	err = Extend(folder)
	if holm.CodeOf(err) != holm.CodeInvalid || !strings.Contains(holm.AsError(err).Detail, "bad.json") {
		t.Errorf("a bad file: %v", err)
	}
	if _, err := Get("good"); err != nil {
		t.Error("what was there before a bad file is gone")
	}
}

// TestImageAsVersion takes any reference where the stack does, and nothing
// that could be an option or a command.
func TestImageAsVersion(t *testing.T) {
	o, err := Find(t.Context(), "custom", "registry.example.com/team/app:1.2")
	if err != nil || o.Source.Image != "registry.example.com/team/app:1.2" || len(o.Run()) != 0 {
		t.Errorf("%+v, %v", o.Source, err)
	}
	for _, bad := range []string{"a b/c", "-v/x:1", "x/$(id)", "x/y;z"} {
		if _, err := Find(t.Context(), "custom", bad); holm.CodeOf(err) != holm.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Find(t.Context(), "static", "library/static:1"); holm.CodeOf(err) != holm.CodeInvalid {
		t.Errorf("an image for a stack that takes none: %v", err)
	}
}

// FuzzStackFile reads whatever an operator may have written: a file is refused
// or gives a stack that can be offered, whose files stay where they belong.
func FuzzStackFile(f *testing.F) {
	f.Add([]byte(good))
	for _, name := range []string{"php.json", "nginx.json", "custom.json", "mongodb.json"} {
		data, err := files.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parse(data)
		if err != nil {
			return
		}
		all, err := loadFrom(fstest.MapFS{s.Name + ".json": &fstest.MapFile{Data: data}})
		if err != nil {
			return
		}
		s = all[s.Name]
		for _, path := range append([]string{s.Root, s.User.Home}, s.Configuration...) {
			if !strings.HasPrefix(path, "/") || strings.Contains(path, "..") && strings.Contains(path, "/../") {
				t.Errorf("the path %q was taken", path)
			}
		}
		if _, err := s.Start(Facts{}); err != nil {
			t.Error(err)
		}
		if _, err := (Offer{Stack: s}).NewFiles(); err != nil {
			t.Error(err)
		}
	})
}

func TestVersionsCompareAsNumbers(t *testing.T) {
	for _, pair := range [][2]string{{"9", "10"}, {"3.9", "3.11"}, {"8", "8.1"}, {"1.a", "1.b"}} {
		if compareVersions(pair[0], pair[1]) >= 0 || compareVersions(pair[1], pair[0]) <= 0 {
			t.Errorf("%s is not before %s", pair[0], pair[1])
		}
	}
}

func folderWith(content string) fs.FS {
	return fstest.MapFS{"good.json": &fstest.MapFile{Data: []byte(content)}}
}

func TestListTellsWhatIsHere(t *testing.T) {
	offers := List(t.Context())
	if offers[0].Name != "balancer" {
		t.Errorf("the first is %s, though requests meet balancers first", offers[0].Name)
	}
	for _, o := range offers {
		switch {
		case o.Available() == (o.Missing != ""):
			t.Errorf("%s has the versions %v and is missing because %q", o.Name, o.Offered(), o.Missing)
		case o.Builtin != "" && !o.Available():
			t.Errorf("%s is built in and cannot be had: %s", o.Name, o.Missing)
		}
		for _, s := range o.Sources {
			if s.Kind == OfHost && !strings.HasPrefix(s.Program, "/usr/") {
				t.Errorf("%s is %s, which nodes do not see", o.Name, s.Program)
			}
			for _, word := range o.Run() {
				if s.Kind == OfHost && strings.Contains(word, "{{") && !strings.Contains(word, "{{program}}") {
					t.Errorf("%s has a placeholder that nothing fills: %s", o.Name, word)
				}
			}
		}
	}
}

// A node sees the machine's /usr alone, and a program may be many by its name.
func TestLinksAreFollowedIntoTheFolderAndNoFurther(t *testing.T) {
	root := t.TempDir()
	usr, etc := filepath.Join(root, "usr"), filepath.Join(root, "etc")
	for _, folder := range []string{usr, etc} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(usr, "check"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"usr/server": "check",                     // named by its link
		"usr/alias":  filepath.Join(etc, "alias"), // by way of /etc
		"etc/alias":  filepath.Join(usr, "server"),
		"etc/away":   filepath.Join(etc, "own"),
		"usr/away":   filepath.Join(etc, "away"),
		"usr/round":  "round",
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"check": "check", "server": "server", "alias": "server", "away": "", "round": ""} {
		path, ok := insideOf(usr, filepath.Join(usr, name))
		if ok != (want != "") || ok && path != filepath.Join(usr, want) {
			t.Errorf("%s gives %s, %v", name, path, ok)
		}
	}
}

func TestMissingProgramSaysWhatToDo(t *testing.T) {
	s := Stack{Title: "Nothing", Host: &Host{Programs: []string{"no-such-program"}, VersionPattern: "(.)", Install: "Install it."}}
	o := s.offer(t.Context())
	if o.Available() || !strings.Contains(o.Missing, "no-such-program") || !strings.HasSuffix(o.Missing, "Install it.") {
		t.Errorf("missing: %q", o.Missing)
	}
}

func TestFindRefuses(t *testing.T) {
	if _, err := Find(t.Context(), "none", ""); holm.CodeOf(err) != holm.CodeInvalid {
		t.Errorf("an unknown stack: %v", err)
	}
	if _, err := Find(t.Context(), "static", "77"); holm.CodeOf(err) != holm.CodeInvalid || !strings.Contains(err.Error(), "it has 1") {
		t.Errorf("an unknown version: %v", err)
	}
}

func TestStartPageTellsTheNode(t *testing.T) {
	for _, o := range List(t.Context()) {
		start, err := o.Start(Facts{Environment: "shop", Node: 12, Version: "7"})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.StartFiles) == 0 {
			continue
		}
		page := string(start["index.html"])
		for _, part := range []string{"shop", o.Title + " 7", "<dd>12</dd>", o.Root} {
			if !strings.Contains(page, part) {
				t.Errorf("the start page of %s does not say %q", o.Name, part)
			}
		}
		if strings.Contains(page, "{{") {
			t.Errorf("the start page of %s has an unknown placeholder", o.Name)
		}
	}
}
