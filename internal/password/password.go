// Package password is the feature that gives a layer's servers (databases,
// mostly) a new password: a job sets it inside the running nodes and mails it
// to those who may have it.
//
// It must not keep a password anywhere, nor know how a server takes one; the
// stack says that.
package password

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Setter is how the servers of a stack take a new password.
type Setter struct {
	Title   string   // of the stack
	Login   string   // whose password it is
	Command []string // reads it from standard input, inside the node
}

// Options are what the feature needs of the installation.
type Options struct {
	Door   *dispatch.Door
	Engine engine.Engine
	Jobs   *job.Queue
	// Setter gives how a stack takes a password; false when it has none.
	Setter func(ctx context.Context, stack, version string) (Setter, bool)
	Log    *slog.Logger
}

type feature struct{ o Options }

// reset is the job that sets a password. It holds no password: each attempt
// makes a new one, and only one that every node took is mailed.
type reset struct {
	Environment holm.EnvironmentID `json:"environment"`
	Layer       holm.LayerID       `json:"layer"`
	Actor       string             `json:"actor"`
	ActorName   string             `json:"actor_name"`
	// First says that the servers are new: nobody asked, and the work waits
	// until they run.
	First bool `json:"first,omitempty"`
}

func (reset) Kind() string { return "layer.reset_password" }
func (r reset) Key() string {
	if r.First {
		return "first " + string(r.Layer)
	}
	return string(r.Layer)
}

// policy: who asked waits for the mail, so a few attempts in the first minutes.
var policy = job.Policy{Timeout: time.Minute, Attempts: 8, Longest: 2 * time.Minute, AtOnce: 2}

// Bind binds the operation and registers its work. What it gives has the
// servers of a new layer get their first password, once they run.
func Bind(d *dispatch.Door, o Options) (first func(s *dispatch.Scope, l holm.Layer) error) {
	f := &feature{o: o}
	dispatch.Bind(d, ops.LayerResetPassword, f.reset)
	if o.Jobs != nil {
		job.Register(o.Jobs, policy, f.work)
	}
	return f.first
}

func (f *feature) first(s *dispatch.Scope, l holm.Layer) error {
	if _, ok := f.o.Setter(s.Context, l.Stack, l.Version); !ok || f.o.Jobs == nil {
		return nil
	}
	return f.o.Jobs.Enqueue(s.Tx, reset{Environment: l.Environment, Layer: l.ID, First: true})
}

func (f *feature) reset(s *dispatch.Scope, in *ops.LayerResetPasswordInput) (out ops.PasswordResetView, err error) {
	l, err := s.Tx.Layer(s.Environment.ID, in.Layer)
	if err != nil {
		return out, err
	}
	s.About(s.Environment.Name + " " + string(l.Role))
	setter, ok := f.o.Setter(s.Context, l.Stack, l.Version)
	switch {
	case !ok:
		return out, holm.Errorf(holm.CodeConflict, "The layer %s runs %s, which has no password that Holm could set.", l.Role, l.Stack)
	case s.Environment.Wanted != holm.StateRunning:
		return out, holm.Errorf(holm.CodeConflict, "A new password is set in the running server, and %s is %s; start it first.", s.Environment.Name, s.Environment.State)
	}
	s.Note("login", setter.Login)
	out = ops.PasswordResetView{Layer: string(l.ID), Login: setter.Login}
	if f.o.Jobs == nil {
		return out, nil
	}
	return out, f.o.Jobs.Enqueue(s.Tx, reset{Environment: s.Environment.ID, Layer: l.ID, Actor: s.Caller.Email, ActorName: s.User.Name})
}

// work sets a new password in every node of the layer and mails it.
func (f *feature) work(ctx context.Context, j job.Job[reset]) error {
	e, l, err := f.find(ctx, j.Args)
	if errors.Is(err, store.ErrNone) {
		return nil // the layer has gone; so has its password
	}
	if err != nil {
		return err
	}
	setter, ok := f.o.Setter(ctx, l.Stack, l.Version)
	if !ok {
		return f.givenUp(ctx, e, l, fmt.Errorf("the stack %s has no password", l.Stack))
	}
	if j.Args.First && !allRun(e, l) {
		return job.NotYet(fmt.Errorf("the layer %s of %s does not run yet", l.Role, e.Name))
	}
	secret := holm.NewSecret(rand.Text())
	for _, n := range l.Nodes {
		if err = f.set(ctx, e, n, setter, secret); err != nil {
			break
		}
	}
	switch {
	case err == nil:
		return f.tell(ctx, e, l, setter, secret, j)
	case j.Last:
		return f.givenUp(ctx, e, l, err)
	}
	return err
}

func (f *feature) find(ctx context.Context, r reset) (e holm.Environment, l holm.Layer, err error) {
	err = f.o.Door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		if e, err = tx.Environment(string(r.Environment)); err != nil {
			return err
		}
		layers, err := tx.Layers(e.ID)
		for _, l = range layers {
			if l.ID == r.Layer && (r.First || e.Wanted == holm.StateRunning) {
				return nil
			}
		}
		return errors.Join(err, store.ErrNone)
	})
	return e, l, err
}

func allRun(e holm.Environment, l holm.Layer) bool {
	for _, n := range l.Nodes {
		if n.State != holm.StateRunning {
			return false
		}
	}
	return e.Wanted == holm.StateRunning
}

// set gives one node's server the password, on the standard input of the
// stack's command, so that no list of processes shows it.
func (f *feature) set(ctx context.Context, e holm.Environment, n holm.Node, setter Setter, secret holm.Secret) error {
	said := &limited{}
	p, err := f.o.Engine.Exec(ctx, e.ID, n.ID, engine.Command{Args: setter.Command,
		Stdin: strings.NewReader(secret.Reveal() + "\n"), Stderr: said})
	if err != nil {
		return err
	}
	code, err := p.Wait()
	if err == nil && code != 0 {
		// What a node says is not to be trusted with the password it got.
		text := strings.ReplaceAll(said.String(), secret.Reveal(), "…")
		err = fmt.Errorf("node %d: setting the password ended with %d: %s", n.ID, code, text)
	}
	return err
}

// tell mails the password to the owner and to everybody who may have it now,
// and records that it was set.
func (f *feature) tell(ctx context.Context, e holm.Environment, l holm.Layer, setter Setter, secret holm.Secret, j job.Job[reset]) error {
	return f.o.Door.SystemChange(ctx, "password", func(s *dispatch.Scope) (err error) {
		if s.Account, err = s.Tx.Account(string(e.Account)); err != nil {
			return err
		}
		s.Environment = e
		letter := holm.Letter{Kind: holm.LetterNodePassword, To: s.Account.OwnerEmail, ToName: s.Account.OwnerName,
			Actor: j.Args.Actor, ActorName: j.Args.ActorName, Owner: s.Account.OwnerEmail, OwnerName: s.Account.OwnerName,
			Environment: e.Name, Alias: e.Alias, Path: "/environments/" + e.Name,
			Server: setter.Title, Layer: string(l.Role), Login: setter.Login, Password: secret, First: j.Args.First}
		for _, n := range l.Nodes {
			letter.Hosts = append(letter.Hosts, "node"+strconv.FormatInt(int64(n.ID), 10))
		}
		// Each attempt has a password of its own: the newest mail is right.
		event := fmt.Sprintf("node-password:%s:%d:", j.ID, j.Attempt)
		letter.Event = event + "owner"
		s.Write(letter)
		if err := s.Tx.PasswordMailed(e.ID, l.ID, s.Account.Owner); err != nil {
			return err
		}
		shared, err := s.Tx.Sharing(e, "", 10_000)
		if err != nil {
			return err
		}
		told := 1
		for _, row := range shared {
			if row.Collaborator.Status != holm.StatusActive {
				continue // who is only invited gets nothing yet
			}
			facts, err := s.FactsOf(row.Collaborator.Email, e)
			if err != nil {
				return err
			}
			if !s.Decide(access.NotifyNodePassword, facts).Allowed {
				continue
			}
			letter.Event, letter.To, letter.ToName = event+string(row.Collaborator.ID), row.Collaborator.Email, row.Collaborator.Name
			s.Write(letter)
			if err := s.Tx.PasswordMailed(e.ID, l.ID, row.Collaborator.User); err != nil {
				return err
			}
			told++
		}
		return s.Record(e, "layer.password_set", e.Name+" "+string(l.Role), "0", map[string]any{"login": setter.Login, "mails": told})
	})
}

// givenUp records that it did not work, and why.
func (f *feature) givenUp(ctx context.Context, e holm.Environment, l holm.Layer, why error) error {
	f.o.Log.Warn("a password could not be set", "environment", e.Name, "layer", l.Role, "error", why)
	err := f.o.Door.SystemChange(ctx, "password", func(s *dispatch.Scope) error {
		return s.Record(e, "layer.password_set", e.Name+" "+string(l.Role), string(holm.CodeUnavailable), map[string]any{"error": holm.AsError(why).Detail})
	})
	return job.Permanent(errors.Join(why, err))
}

// limited keeps the first part of what a process says.
type limited struct{ bytes.Buffer }

const longest = 500

func (l *limited) Write(p []byte) (int, error) {
	if room := longest - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
