package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

const (
	environments = 100_000
	showRequests = 5_000
)

// show asks a server that has one core for environments, one after the other,
// as a collaborator with limited access to all of them. Their nodes are those
// of the simulated engine.
func show(b *bench) error {
	s, err := b.serve("simulated", "env", "GOMAXPROCS=1", "taskset", "-c", "0")
	if err != nil {
		return err
	}
	defer s.close()
	_, token, err := s.invite(bob)
	if err != nil {
		return err
	}
	s.end()
	began := time.Now()
	if err := fill(b.ctx, filepath.Join(s.dir, "data")); err != nil {
		return err
	}
	plain(b, fmt.Sprintf("writing %d environments into the database", environments), time.Since(began))
	began = time.Now()
	if err := s.start(); err != nil {
		return err
	}
	plain(b, "start until ready", time.Since(began))
	if err := s.askAll(token); err != nil {
		return err
	}
	if err := s.quiet(); err != nil {
		return err
	}
	plain(b, "start until every environment was looked at", time.Since(began))
	r, err := residentOf(s.pid())
	if err == nil {
		plain(b, "server's memory then", r.whole)
	}
	return err
}

// bob is the collaborator.
const bob = "bob@example.org"

// askAll is the measurement itself.
func (s *server) askAll(token string) error {
	v := newVisitor(s.url(), "", token)
	defer v.close()
	var took []time.Duration
	var before time.Duration
	for i := range showRequests + showRequests/10 {
		if i == showRequests/10 { // what came before warmed up
			var err error
			if before, err = cpu(s.pid()); err != nil {
				return err
			}
		}
		began := time.Now()
		code, err := v.get(s.b.ctx, "/v1/environments/"+name(i*7919%environments))
		if err == nil && code != http.StatusOK {
			err = fmt.Errorf("environment.show answers %d", code)
		}
		if err != nil {
			return err
		}
		if i >= showRequests/10 {
			took = append(took, time.Since(began))
		}
	}
	after, err := cpu(s.pid())
	if err != nil {
		return err
	}
	plain(s.b, fmt.Sprintf("environment.show, p50 of %d", len(took)), quantile(took, 0.5))
	aimed(s.b, "environment.show, p99", quantile(took, 0.99), 5*time.Millisecond)
	plain(s.b, "server's CPU for one", (after-before)/time.Duration(len(took)))
	return nil
}

// quiet waits until the server does nothing any more: after a start it looks
// at every environment.
func (s *server) quiet() error {
	last, err := cpu(s.pid())
	for waited := time.Duration(0); err == nil && waited < 10*time.Minute; waited += time.Second {
		select {
		case <-s.b.ctx.Done():
			return s.b.ctx.Err()
		case <-time.After(time.Second):
		}
		var now time.Duration
		if now, err = cpu(s.pid()); now-last < 50*time.Millisecond {
			return err
		}
		last = now
	}
	return err
}

// fill writes environments of Ana's into the database of a server that does
// not run, each with a balancer, two app nodes and limited access for Bob.
func fill(ctx context.Context, data string) error {
	st, err := store.Open(ctx, store.Options{URL: "sqlite", Dir: data, Clock: time.Now})
	if err != nil {
		return err
	}
	defer st.Close()
	for done := 0; done < environments; done += 1000 {
		err := st.Write(ctx, func(tx *store.Tx) error {
			owner, err := tx.UserByEmail(ana)
			if err != nil {
				return err
			}
			account, err := tx.AccountOf(owner.ID)
			if err != nil {
				return err
			}
			collaborator, err := tx.Collaborator(account.ID, bob)
			for i := 0; i < 1000 && err == nil; i++ {
				err = one(tx, name(done+i), account, collaborator)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func one(tx *store.Tx, name string, account holm.Account, collaborator holm.Collaborator) error {
	e, err := tx.CreateEnvironment(holm.Environment{Account: account.ID, Name: name, State: holm.StateRunning, Wanted: holm.StateRunning, Creator: account.Owner}, 1<<30)
	if err != nil {
		return err
	}
	for i, layer := range []holm.Layer{{Role: holm.LayerBalancer, Stack: "balancer"}, {Role: holm.LayerApp, Stack: "static"}} {
		layer.Environment, layer.Version, layer.Cloudlets = e.ID, "1", 2
		if _, err := tx.CreateLayer(layer, i, i+1); err != nil {
			return err
		}
	}
	return tx.SetGrant(holm.Grant{Collaborator: collaborator.ID, Environment: e.ID, Level: holm.LevelLimited}, account.Owner)
}

func name(n int) string { return "e-" + strconv.Itoa(n) }
