package stacks

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/holmhq/holm"
)

var (
	stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)
	userName  = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,30}$`)
	signals   = []string{"TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "WINCH"}
)

// check finds what would only fail when somebody makes a node.
func (s Stack) check() error {
	switch {
	case !stackName.MatchString(s.Name):
		return fmt.Errorf("the name %q is not made of a–z, 0–9 and hyphens", s.Name)
	case s.Title == "" || s.About == "":
		return fmt.Errorf("title and about are missing")
	case !slices.Contains(holm.LayerRoles, s.Role):
		return fmt.Errorf("%q is not a role", s.Role)
	case s.Port < 0 || s.Port > 65535:
		return fmt.Errorf("%d is not a port", s.Port)
	case !userName.MatchString(s.User.Name) || s.User.ID < 1 || s.User.ID > 60000:
		return fmt.Errorf("the service user needs a name and an id 1–60000")
	case !slices.Contains(signals, s.StopSignal):
		return fmt.Errorf("%q is not a signal that ends a service", s.StopSignal)
	case s.StopSeconds < 0 || s.StopSeconds > 600:
		return fmt.Errorf("a service may take 1–600 seconds to stop")
	}
	for _, check := range []func() error{s.checkSources, s.checkHealth, s.checkPaths, s.checkBalancer, s.checkPassword} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (s Stack) checkSources() error {
	switch {
	case s.Builtin != "" && s.Builtin != "static" && s.Builtin != "balancer":
		return fmt.Errorf("%q is not built into holm-node", s.Builtin)
	case s.Builtin != "" && len(s.Versions) == 0:
		return fmt.Errorf("a built-in stack needs its versions")
	case s.Builtin != "" && len(s.Command) > 0:
		return fmt.Errorf("a built-in stack has no command")
	case s.Builtin == "" && s.Host == nil && len(s.Images) == 0 && len(s.Versions) == 0:
		return fmt.Errorf("it is not built in and has no host program, no image and no versions")
	case (s.Host != nil || s.Builtin == "" && len(s.Versions) > 0) && len(s.Command) == 0:
		return fmt.Errorf("nothing says how its service is started: give a command or a script")
	}
	for _, image := range s.Images {
		if image.Version == "" || image.Reference == "" || strings.ContainsAny(image.Reference, " \t\n") {
			return fmt.Errorf("an image needs a version and a reference")
		}
	}
	if s.Host != nil {
		return s.Host.check()
	}
	return nil
}

func (s Stack) checkHealth() error {
	h := s.Health
	switch h.Kind {
	case "none":
	case "tcp":
		if s.Port == 0 {
			return fmt.Errorf("a tcp health check needs a port")
		}
	case "http":
		if u, err := url.Parse(h.Path); s.Port == 0 || err != nil || u.Host != "" || !strings.HasPrefix(h.Path, "/") {
			return fmt.Errorf("an http health check needs a port and a path that begins with /")
		}
	case "command":
		if len(h.Command) == 0 {
			return fmt.Errorf("a command health check needs a command")
		}
	default:
		return fmt.Errorf("%q is not a kind of health check", h.Kind)
	}
	return nil
}

func (s Stack) checkPaths() error {
	for _, p := range slices.Concat([]string{s.Root, s.User.Home}, s.Configuration, s.Logs, s.Persistent) {
		if !cleanPath(p) {
			return fmt.Errorf("%q is not a clean absolute path outside /usr", p)
		}
	}
	for _, name := range s.StartFiles {
		if _, err := s.startFile(name); err != nil {
			return err
		}
	}
	for _, file := range s.Files {
		if !cleanPath(file.Path) {
			return fmt.Errorf("%q is not a clean absolute path outside /usr", file.Path)
		}
		if _, err := s.startFile(file.From); err != nil {
			return err
		}
	}
	return nil
}

func cleanPath(p string) bool {
	return path.IsAbs(p) && path.Clean(p) == p && p != "/" && p != "/usr" && !strings.HasPrefix(p, "/usr/")
}

func (s Stack) checkBalancer() error {
	switch u := s.Upstreams; {
	case s.Balances() && s.Role != holm.LayerBalancer, !s.Balances() && s.Role == holm.LayerBalancer:
		return fmt.Errorf("a stack of the role balancer, and no other, is built-in or has upstreams")
	case u == nil:
		return nil
	case !strings.HasPrefix(u.File, "/run/") || !cleanPath(u.File) || strings.HasPrefix(u.File, "/run/holm"):
		return fmt.Errorf("the file of upstreams has to be in /run")
	case !strings.Contains(u.Line, "{{address}}") || u.Empty == "":
		return fmt.Errorf("upstreams need a line with {{address}} and what the file has when there is no node")
	case !slices.Contains(signals, u.Signal):
		return fmt.Errorf("%q is not a signal that takes up a changed list", u.Signal)
	}
	return nil
}

func (s Stack) checkPassword() error {
	if p := s.Password; p != nil && (p.User == "" || len(p.Command) == 0) {
		return fmt.Errorf("a password needs the login it is for and a command that sets it")
	}
	return nil
}
