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
	busy, _, err := s.askMany(token)
	if err != nil {
		return err
	}
	if err := s.quiet(); err != nil {
		return err
	}
	looked := time.Since(began)
	took, used, err := s.askMany(token)
	if err != nil {
		return err
	}
	aimed(b, fmt.Sprintf("environment.show, p99 of %d", len(took)), quantile(took, 0.99), 5*time.Millisecond)
	plain(b, "p50", quantile(took, 0.5))
	plain(b, "server's CPU for one", used)
	plain(b, "p99 while the server looks at everything after a start", quantile(busy, 0.99))
	plain(b, "start until every environment was looked at", looked)
	r, err := residentOf(s.pid())
	if err == nil {
		plain(b, "server's memory then (VmRSS)", r.whole)
	}
	return err
}

// bob is the collaborator.
const bob = "bob@example.org"

// askMany asks for environments all over the database and gives how long each
// answer took, and the server's mean CPU time for one.
func (s *server) askMany(token string) (took []time.Duration, used time.Duration, err error) {
	v := newVisitor(s.url(), "", token)
	defer v.close()
	const warm = showRequests / 10 // are not counted
	for i := range warm + showRequests {
		if i == warm {
			took = nil
			if used, err = cpu(s.pid()); err != nil {
				return nil, 0, err
			}
		}
		began := time.Now()
		code, err := v.get(s.b.ctx, "/v1/environments/"+name(i*7919%environments))
		if err == nil && code != http.StatusOK {
			err = fmt.Errorf("environment.show answers %d", code)
		}
		if err != nil {
			return nil, 0, err
		}
		took = append(took, time.Since(began))
	}
	after, err := cpu(s.pid())
	return took, (after - used) / showRequests, err
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
