// Package webtest starts the dashboard over a real door and a store in memory,
// and visits it the way browsers do. Tests of pages use it.
//
// It must not know any single page.
package webtest

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/account"
	"github.com/holmhq/holm/internal/audit"
	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/exposure"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/operator"
	"github.com/holmhq/holm/internal/password"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/transfer"
	"github.com/holmhq/holm/internal/variable"
	"github.com/holmhq/holm/internal/web"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// House is a dashboard with everything behind it.
type House struct {
	Door    *dispatch.Door
	Store   *store.Store
	Account *account.Feature
	URL     string
	t       testing.TB

	mu      sync.Mutex
	letters []holm.Letter
}

// New starts a dashboard without people; change may set options of the site.
func New(t testing.TB, change ...func(*site.Options)) *House {
	t.Helper()
	clock := holm.Clock(time.Now)
	st, err := store.Open(context.Background(), store.Options{URL: "sqlite:memory", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := &House{Store: st, t: t, Door: dispatch.New(dispatch.Options{Store: st, Clock: clock, Log: log})}
	o := site.Options{Door: h.Door, Log: log, Version: "test", PublicURL: "http://holm.localhost", BaseDomain: "holm.localhost"}
	for _, c := range change {
		c(&o)
	}
	h.bind(o)
	o.Setup, o.SignUpLink = h.Account.SetupWorks, h.Account.SignUpWorks
	server := httptest.NewServer(web.New(o))
	t.Cleanup(server.Close)
	h.URL = server.URL
	return h
}

func (h *House) bind(o site.Options) {
	h.Account = account.Bind(h.Door, account.Options{OpenSignUp: o.SignUpOpen, PublicURL: "http://127.0.0.1:8080", Read: h.Door.SystemRead})
	collaboration.Bind(h.Door, collaboration.Options{Read: h.Door.SystemRead, HashPassword: h.Account.HashPassword, Reclaim: h.Account.Reclaim, SignIn: account.StartSession, View: account.View})
	transfer.Bind(h.Door)
	variable.Bind(h.Door)
	exposure.Bind(h.Door)
	environment.Bind(h.Door, environment.Options{Stacks: stacks, URL: func(name string) string { return "http://" + name + ".holm.localhost/" }, Subnets: 4096, KeepDeleted: 7 * 24 * time.Hour, Copies: true})
	password.Bind(h.Door, password.Options{Door: h.Door, Setter: func(_ context.Context, stack, _ string) (password.Setter, bool) {
		return password.Setter{Title: "Database", Login: "root"}, stack == "database"
	}})
	audit.Bind(h.Door, audit.Options{Signer: signer(h.t)})
	operator.Bind(h.Door, operator.Options{Version: o.Version, Engine: "none", Database: "sqlite", Mail: "outbox", Parts: func(context.Context) []ops.Health {
		return []ops.Health{{Name: "Database", OK: true, Detail: "answers"}, {Name: "Engine", Detail: "There is none."}}
	}})
	h.Door.Connect(dispatch.Hooks{Letter: h.keep})
}

// stacks are the kinds of nodes there are in tests.
func stacks() []ops.StackView {
	version := []ops.StackVersion{{Version: "1", Source: "built-in", Available: true}}
	return []ops.StackView{
		{Name: "static", Title: "Static files", Role: "app", Versions: version},
		{Name: "database", Title: "Database", Role: "database", Versions: version, PasswordOf: "root"},
		{Name: "balancer", Title: "Balancer", Role: "balancer", Versions: version},
	}
}

// keep keeps a letter, and writes a plain mail for it into the outbox.
func (h *House) keep(tx *store.Tx, l holm.Letter) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letters = append(h.letters, l)
	address := h.URL + l.Path
	_, err := tx.WriteMail(store.Mail{Event: l.Event, To: l.To, Subject: "About " + string(l.Kind), Text: "Open it:\n\n  " + address + "\n\nHolm.",
		HTML: `<!DOCTYPE html><html lang="en"><head><title>Mail</title></head><body><a href="` + address + `">Open it</a></body></html>`})
	return err
}

// Letter gives the newest letter of a kind to an address.
func (h *House) Letter(kind holm.LetterKind, to string) holm.Letter {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range slices.Backward(h.letters) {
		if l.Kind == kind && l.To == to {
			return l
		}
	}
	h.t.Fatalf("no letter %s to %s", kind, to)
	return holm.Letter{}
}

// Letters counts the letters of a kind.
func (h *House) Letters(kind holm.LetterKind) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.letters {
		if l.Kind == kind {
			n++
		}
	}
	return n
}

// Environment makes an environment for a person who is signed in.
func (h *House) Environment(p *Person, name string) ops.EnvironmentView {
	h.t.Helper()
	in := ops.EnvironmentCreateInput{}
	in.Account = "me"
	in.Body.Name = name
	in.Body.Layers = []ops.LayerInput{{Role: "app", Stack: "static", Nodes: 1, Cloudlets: 1}}
	return Ask(p, ops.EnvironmentCreate, in)
}

// Invite invites somebody on a person's account.
func (h *House) Invite(p *Person, email, role string, shares ...ops.Share) ops.CollaboratorView {
	h.t.Helper()
	in := ops.CollaboratorInviteInput{}
	in.Account = "me"
	in.Body.Email, in.Body.Role, in.Body.Environments = email, role, shares
	return Ask(p, ops.CollaboratorInvite, in)
}

// Token gives the token of the newest invitation to an address.
func (h *House) Token(email string) string {
	h.t.Helper()
	return strings.TrimPrefix(h.Letter(holm.LetterInvitation, email).Path, "/invitations/")
}

// Ask asks the door as a person.
func Ask[I ops.Input, O any](p *Person, op ops.Op[I, O], in I) O {
	p.house.t.Helper()
	out, err := dispatch.Call(context.Background(), p.house.Door, p.Caller(), op, in)
	if err != nil {
		p.house.t.Fatalf("%s as %s: %v", op.Name, p.Email, err)
	}
	return out
}

// signer signs checkpoints for one test.
func signer(t testing.TB) *ledger.Signer {
	t.Helper()
	s, err := ledger.Fresh("holm.example.org")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
