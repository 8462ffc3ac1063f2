package stacks

import (
	"io/fs"
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
	for _, name := range []string{"static", "balancer", "nodejs", "python"} {
		if _, ok := all[name]; !ok {
			t.Errorf("the stack %s is missing", name)
		}
	}
}

func TestWrongStacksAreFound(t *testing.T) {
	tests := map[string][2]string{
		"unknown field":     {`"port"`, `"prot"`},
		"role":              {`"app", "builtin"`, `"chef", "builtin"`},
		"no way to run":     {`"builtin": "static", `, ``},
		"no versions":       {`"versions": ["1"]`, `"versions": []`},
		"port":              {`80`, `80000`},
		"root as user":      {`"id": 1000`, `"id": 0`},
		"relative root":     {`"/srv/app"`, `"srv/app"`},
		"root below usr":    {`"/srv/app"`, `"/usr/share/app"`},
		"unclean root":      {`"/srv/app"`, `"/srv/../etc"`},
		"health":            {`"tcp"`, `"hope"`},
		"health of no port": {`"port": 80`, `"port": 0`},
		"start file":        {`"port"`, `"start_files": ["none.html"], "port"`},
		"another name":      {`"name": "good"`, `"name": "better"`},
		"title":             {`"Good"`, `""`},
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
		case o.Available() && len(o.Offered) == 0:
			t.Errorf("%s can be had in no version", o.Name)
		case o.Builtin != "" && !o.Available():
			t.Errorf("%s is built in and cannot be had: %s", o.Name, o.Missing)
		case o.Host != nil && o.Available() && !strings.HasPrefix(o.Program, "/usr/"):
			t.Errorf("%s is %s, which nodes do not see", o.Name, o.Program)
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
