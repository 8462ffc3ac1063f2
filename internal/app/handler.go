package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/gateway/proxy"
	"github.com/holmhq/holm/internal/httpapi"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/web"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// handler gives every host its part: environments below the base domain, the
// rest to the API and the dashboard.
func (a *App) handler(closing context.Context) http.Handler {
	api := httpapi.New(a.door, httpapi.Options{Version: a.version, PublicURL: a.config.PublicURL, Ready: a.store.Ping, Proxies: a.config.Proxies, Closing: closing, Log: a.log})
	dashboard := web.New(site.Options{Door: a.door, Log: a.log, Version: a.version, PublicURL: a.config.PublicURL, BaseDomain: a.config.BaseDomain, Proxies: a.config.Proxies,
		Outbox: a.config.SMTP == nil, SignUpOpen: a.config.SignUpOpen, Setup: a.account.SetupWorks, SignUpLink: a.account.SignUpWorks})
	own := a.ownHosts(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isAPI(r.URL.Path) {
			api.ServeHTTP(w, r)
			return
		}
		dashboard.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, environment := a.edge.Match(r.Host); environment {
			a.edge.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// resolve tells the proxy where requests for an environment go: to its
// balancer, or without one to every node of its app layer.
func (a *App) resolve(ctx context.Context, name string) (proxy.Target, error) {
	var e holm.Environment
	err := a.store.Read(ctx, func(tx *store.Tx) (err error) {
		e, err = tx.RunningByName(name)
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return proxy.Target{}, holm.ErrNotFound()
	}
	if err != nil {
		return proxy.Target{}, err
	}
	target := proxy.Target{Environment: e.ID, State: e.State}
	for _, role := range []holm.LayerRole{holm.LayerBalancer, holm.LayerApp, holm.LayerCustom} {
		for _, l := range e.Layers {
			if l.Role != role {
				continue
			}
			for _, n := range l.Nodes {
				if n.Address != "" && n.Port > 0 && n.State == holm.StateRunning {
					target.Addresses = append(target.Addresses, net.JoinHostPort(n.Address, strconv.Itoa(n.Port)))
				}
			}
		}
		if len(target.Addresses) > 0 {
			break
		}
	}
	return target, nil
}

// health says how each part of the installation is.
func (a *App) health(ctx context.Context) []ops.Health {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	part := func(name, fine string, err error) ops.Health {
		if err != nil {
			return ops.Health{Name: name, Detail: holm.AsError(err).Detail}
		}
		return ops.Health{Name: name, OK: true, Detail: fine}
	}
	return []ops.Health{
		part("Database", string(a.store.Dialect())+" answers", a.store.Ping(limited)),
		part("Engine", string(a.config.Engine)+" can run nodes", a.engine.Check(limited)),
		a.jobHealth(limited),
		a.mailHealth(limited),
		part("Audit logs", "are what was signed", a.audit.Trouble()),
		a.diskHealth(),
	}
}
