package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// patience is the longest that anything is waited for.
const patience = 2 * time.Minute

// server is a real Holm with data of its own, whose first user is Ana.
type server struct {
	*process
	b       *bench
	engine  string
	wrap    []string // what the program is started through
	dir     string
	address string
	ana     *client.Client
}

const (
	ana      = "ana@example.org"
	password = "a long enough password"
)

// folder makes one that nodes, who are other users, may pass through.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "holm-bench-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

// serve starts a server with an engine, through other programs if there are
// some, and signs Ana in.
func (b *bench) serve(engine string, wrap ...string) (*server, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	s := &server{b: b, engine: engine, wrap: wrap, dir: dir}
	if s.address, err = freeAddress(); err == nil {
		err = s.start()
	}
	if err == nil {
		err = s.signIn()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// options are the flags of the server.
func (s *server) options() []string {
	return []string{"--data", filepath.Join(s.dir, "data"), "--http", s.address, "--ssh", "off", "--engine", s.engine,
		"--mail-dir", filepath.Join(s.dir, "mails"), "--operator-email", ana}
}

// start starts the program and waits until it is ready.
func (s *server) start() error {
	line := append(append([]string{}, s.wrap...), filepath.Join(s.b.root, "bin", "holm"), "serve", "--keep-deleted", "0")
	line = append(line, s.options()...)
	var err error
	s.process, err = launch(s.dir, line[0], line[1:], []string{"HOLM_OPERATOR_PASSWORD=" + password})
	if err != nil {
		return fmt.Errorf("%w (make build makes the programs)", err)
	}
	return s.ready()
}

func (s *server) ready() error {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(2 * time.Millisecond) {
		select {
		case <-s.ended:
			return fmt.Errorf("the server ended at once: %s", s.said())
		default:
		}
		response, err := http.Get(s.url() + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("the server is not ready: %s", s.said())
}

func (s *server) url() string { return "http://" + s.address }

func (s *server) client(token string) *client.Client { return client.New(s.url(), token) }

// close deletes every environment, so that nothing stays on the machine, ends
// the server and removes its data.
func (s *server) close() {
	if s.process != nil {
		if s.ana != nil && s.engine == "local" {
			if err := s.deleteAll(); err != nil {
				s.b.note("environments may be left: %v", err)
			}
		}
		s.end()
	}
	s.tidy()
}

// tidy removes the server's data, and the folder of runc's states that the
// engine leaves empty; one that is not empty stays, for people to look at.
func (s *server) tidy() {
	if name, err := os.ReadFile(filepath.Join(s.dir, "data", "name")); err == nil {
		states := "/run/holm-" + strings.TrimSpace(string(name))
		os.Remove(filepath.Join(states, "runc"))
		os.Remove(states)
	}
	os.RemoveAll(s.dir)
}

func (s *server) signIn() error {
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = ana, holm.NewSecret(password)
	session, err := client.Call(s.b.ctx, s.client(""), ops.SessionCreate, in)
	if err == nil {
		s.ana = s.client(session.Token)
	}
	return err
}

// create makes an environment of Ana's.
func (s *server) create(name string, layers ...ops.LayerInput) (ops.EnvironmentView, error) {
	in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Name, in.Body.Layers = name, layers
	return client.Call(s.b.ctx, s.ana, ops.EnvironmentCreate, in)
}

// static is a layer of static web servers.
func static(nodes int) ops.LayerInput {
	return ops.LayerInput{Role: "app", Stack: "static", Nodes: nodes, Cloudlets: 1}
}

// running waits until an environment runs.
func (s *server) running(name string) (view ops.EnvironmentView, err error) {
	err = eventually(s.b.ctx, "environment "+name+" runs", func(ctx context.Context) (bool, error) {
		view, err = client.Call(ctx, s.ana, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: name}})
		return view.State == "running", err
	})
	return view, err
}

// deleteAll deletes what Ana owns and waits until it is gone. It does so also
// when this program is being interrupted.
func (s *server) deleteAll() error {
	return eventually(context.WithoutCancel(s.b.ctx), "everything is deleted", func(ctx context.Context) (bool, error) {
		page, err := client.Call(ctx, s.ana, ops.EnvironmentList, ops.EnvironmentListInput{Owner: "me"})
		for _, e := range page.Items {
			in := ops.EnvironmentDeleteInput{OfEnvironment: ops.OfEnvironment{Environment: e.ID}, Confirm: e.Name}
			if e.State != "deleting" && err == nil {
				_, err = client.Call(ctx, s.ana, ops.EnvironmentDelete, in)
			}
		}
		return len(page.Items) == 0, err
	})
}

var invitation = regexp.MustCompile(`/invitations/([A-Za-z0-9_-]+)`)

// invite makes somebody a collaborator of Ana's who has accepted, and gives
// their id as a collaborator and the token of their session.
func (s *server) invite(email string) (id, token string, err error) {
	in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Email = email
	invited, err := client.Call(s.b.ctx, s.ana, ops.CollaboratorInvite, in)
	if err != nil {
		return "", "", err
	}
	link := ""
	err = eventually(s.b.ctx, "the invitation is mailed", func(context.Context) (bool, error) {
		mails, err := filepath.Glob(filepath.Join(s.dir, "mails", "*.eml"))
		for _, name := range mails {
			raw, _ := os.ReadFile(name)
			text := strings.ReplaceAll(string(raw), "=\r\n", "") // quoted-printable breaks lines
			if found := invitation.FindStringSubmatch(text); found != nil {
				link = found[1]
			}
		}
		return link != "", err
	})
	if err != nil {
		return "", "", err
	}
	accept := ops.InvitationAcceptInput{Token: holm.NewSecret(link)}
	accept.Body.Name, accept.Body.Password = "Bob", holm.NewSecret(password)
	accepted, err := client.Call(s.b.ctx, s.client(""), ops.InvitationAccept, accept)
	if err != nil {
		return "", "", err
	}
	return invited.ID, accepted.Session.Token, nil
}

// eventually asks until the answer is yes.
func eventually(ctx context.Context, what string, yes func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		done, err := yes(ctx)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("waited in vain until " + what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
