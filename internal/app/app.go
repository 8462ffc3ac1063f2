// Package app puts Holm together: configuration, store, features, door,
// servers. It reads from top to bottom.
//
// It must not decide or do anything itself; it only connects.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/account"
	"github.com/holmhq/holm/internal/audit"
	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/config"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/exposure"
	"github.com/holmhq/holm/internal/gateway/proxy"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/notify"
	"github.com/holmhq/holm/internal/operator"
	passwords "github.com/holmhq/holm/internal/password"
	"github.com/holmhq/holm/internal/reconcile"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/transfer"
	"github.com/holmhq/holm/internal/variable"
)

// App is one running Holm.
type App struct {
	config  config.Config
	version string
	log     *slog.Logger
	out     io.Writer

	name       string // of the installation on this machine, for the local engine
	engine     engine.Engine
	listener   net.Listener // HTTP, nil when off
	secure     net.Listener // HTTPS, nil when off
	store      *store.Store
	door       *dispatch.Door
	account    *account.Feature
	audit      *audit.Feature
	jobs       *job.Queue
	notifier   *notify.Notifier
	reconciler *reconcile.Reconciler
	edge       *proxy.Proxy
	unlock     func()
}

// Run starts Holm and serves until ctx ends. What is wrong with the machine
// or the configuration is told in one sentence before anything is changed.
// out gets what a person at the terminal should read.
func Run(ctx context.Context, c config.Config, version string, out io.Writer, log *slog.Logger) error {
	a := &App{config: c, version: version, log: log, out: out}
	defer a.close()
	for _, step := range []func(context.Context) error{a.offered, a.listen, a.openEngine, a.openData, a.openTLS, a.openStore, a.build, a.firstUser} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return a.serve(ctx)
}

// offered refuses what this version does not do, before it half-does it.
func (a *App) offered(context.Context) error {
	if a.config.FTP != "" {
		return holm.Errorf(holm.CodeInvalid, "This version of Holm has no FTP gateway; start it with --ftp off.")
	}
	return nil
}

func (a *App) listen(context.Context) (err error) {
	if a.config.HTTP == "" {
		return nil
	}
	a.listener, err = net.Listen("tcp", a.config.HTTP)
	if err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "Holm cannot listen on %s; is another program using it? Choose another address with --http", a.config.HTTP)
	}
	if a.config.PublicURL == "" {
		a.config.PublicURL = a.config.Address(a.listener.Addr().String(), "")
	}
	return nil
}

func (a *App) openData(context.Context) (err error) {
	if err := os.MkdirAll(a.config.Data, 0o711); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The data folder %s cannot be made; give another with --data", a.config.Data)
	}
	if err := os.MkdirAll(a.config.Keys, 0o700); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The folder of keys %s cannot be made; give another with --keys", a.config.Keys)
	}
	if a.unlock, err = lockFolder(a.config.Data); err != nil || a.name == "" {
		return err
	}
	if err := os.WriteFile(filepath.Join(a.config.Data, "name"), []byte(a.name+"\n"), 0o600); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The data folder %s is not writable; give another with --data or make it writable", a.config.Data)
	}
	return nil
}

func (a *App) openStore(ctx context.Context) (err error) {
	a.store, err = store.Open(ctx, store.Options{URL: a.config.Database.Reveal(), Dir: a.config.Data, Keys: a.config.Keys, Clock: time.Now})
	return err
}

// build makes the door and binds every feature behind it.
func (a *App) build(context.Context) error {
	a.door = dispatch.New(dispatch.Options{Store: a.store, Clock: time.Now, Log: a.log})
	read := a.door.SystemRead
	provider, err := a.provider()
	if err != nil {
		return err
	}
	a.account = account.Bind(a.door, account.Options{OpenSignUp: a.config.SignUpOpen, PublicURL: a.config.PublicURL, Provider: provider, Read: read})
	collaboration.Bind(a.door, collaboration.Options{Read: read, HashPassword: a.account.HashPassword, Reclaim: a.account.Reclaim, SignIn: account.StartSession, View: account.View})
	kinds := newCatalogue(a.config.Engine)
	_, copies := a.engine.(engine.Copier)
	firstPassword := passwords.Bind(a.door, passwords.Options{Door: a.door, Engine: a.engine, Jobs: a.jobs, Setter: passwordSetter, Log: a.log})
	environment.Bind(a.door, environment.Options{LayerMade: firstPassword, Stacks: kinds.list, URL: a.environmentURL, Subnets: subnets, KeepDeleted: a.config.KeepDeleted, Copies: copies,
		Used: func(id holm.EnvironmentID) map[holm.NodeID]int64 { return a.reconciler.Used(id) }})
	if err := a.openAudit(); err != nil {
		return err
	}
	operator.Bind(a.door, operator.Options{Version: a.version, Engine: string(a.config.Engine), Database: string(a.store.Dialect()), Mail: a.mailName(), Withhold: a.config.SMTP != nil, Parts: a.health})
	if err := a.openMail(); err != nil {
		return err
	}
	transfer.Bind(a.door)
	variable.Bind(a.door)
	exposure.Bind(a.door)
	a.reconciler = reconcile.New(reconcile.Options{Door: a.door, Engine: a.engine, Log: a.log,
		Host: func(name string) string { return name + "." + a.config.BaseDomain }})
	a.edge = proxy.New(proxy.Options{BaseDomain: a.config.BaseDomain, Proxies: a.config.Proxies, Resolve: a.resolve, Log: a.log})
	a.door.Connect(dispatch.Hooks{Letter: a.notifier.Letter, Wake: a.reconciler.Wake,
		Changed: func(id holm.EnvironmentID) { a.edge.Invalidate(string(id)) }})
	return nil
}

// firstUser makes the first user, or a link for making it.
func (a *App) firstUser(ctx context.Context) error {
	fmt.Fprintf(a.out, "Holm %s is at %s\n", a.version, a.config.PublicURL)
	for _, warning := range a.config.Warnings() {
		a.log.Warn(warning)
	}
	if a.config.OperatorEmail != "" {
		return a.account.CreateOperator(ctx, a.door, a.config.OperatorEmail, a.config.OperatorPassword)
	}
	token, err := a.account.SetupLink(ctx, a.door)
	if err == nil && token != "" {
		fmt.Fprintf(a.out, "\nMake the first user, who runs this installation:\n\n  %s/setup/%s\n\nThe link works once, until Holm is started again.\n\n", a.config.PublicURL, token)
	}
	return err
}

// environmentURL is where an environment answers: under the base domain, with
// the scheme and port of the dashboard, also where a proxy in front has others
// than Holm itself.
func (a *App) environmentURL(name string) string {
	host := name + "." + a.config.BaseDomain
	public, err := url.Parse(a.config.PublicURL)
	if err != nil {
		return "http://" + host + "/"
	}
	if port := public.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	return public.Scheme + "://" + host + "/"
}

func (a *App) close() {
	for _, l := range []net.Listener{a.listener, a.secure} {
		if l != nil {
			l.Close()
		}
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.log.Warn("the database did not close cleanly", "error", err)
		}
	}
	if a.unlock != nil {
		a.unlock()
	}
}

// program finds one of Holm's own programs: beside the running one, or on the
// PATH.
func program(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	beside := filepath.Join(filepath.Dir(self), name)
	if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
		return beside, nil
	}
	return "", holm.Errorf(holm.CodeUnavailable, "The program %s is missing beside %s; build it with make build.", name, filepath.Base(self))
}

// ended says whether an error is nothing but the end that was asked for.
func ended(err error) bool {
	return err == nil || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed)
}
