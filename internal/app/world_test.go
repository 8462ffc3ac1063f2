package app

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/account"
	"github.com/holmhq/holm/internal/audit"
	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine/simulated"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/exposure"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/operator"
	passwords "github.com/holmhq/holm/internal/password"
	"github.com/holmhq/holm/internal/pgtest"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/transfer"
	"github.com/holmhq/holm/internal/variable"
	"github.com/holmhq/holm/ops"
)

// world is a small installation: Ana owns the environment shop and shares it
// with people of every kind. Everything is real but the engine, which is
// never asked.
type world struct {
	t             testing.TB
	store         *store.Store
	door          *dispatch.Door
	people        map[string]dispatch.Caller
	account       holm.Account
	shop          holm.Environment
	layer         holm.Layer
	members       map[string]holm.Collaborator
	request       string // of limited, who asks for full
	letters       []holm.Letter
	writing       sync.Mutex // letters, where several write at once
	engine        *simulated.Engine
	jobs          *job.Queue // nobody works on it until a test starts it
	servers       passwordServers
	used          map[holm.NodeID]int64 // memory that nodes are seen using
	now           time.Time
	clock         func() time.Time
	firstPassword func(*dispatch.Scope, holm.Layer) error
}

// kinds of people, in the order of the table.
var kinds = []string{"owner", "admin", "full", "limited", "none", "suspended", "expired", "stranger", "operator", "nobody"}

func newWorld(t testing.TB) *world { return newWorldIn(t, store.Options{URL: "sqlite:memory"}) }

// onBoth runs a test in a world on each database.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newWorldIn(t, store.Options{URL: "sqlite", Dir: t.TempDir()})) })
	t.Run("postgres", func(t *testing.T) { test(t, newWorldIn(t, store.Options{URL: pgtest.New(t), Dir: t.TempDir()})) })
}

func newWorldIn(t testing.TB, o store.Options) *world {
	w := &world{t: t, people: map[string]dispatch.Caller{}, members: map[string]holm.Collaborator{}, now: time.Date(2030, 5, 4, 12, 0, 0, 0, time.UTC)}
	w.clock = func() time.Time { return w.now }
	clock := func() time.Time { return w.clock() }
	var err error
	o.Clock = clock
	w.store, err = store.Open(context.Background(), o)
	must(t, err)
	t.Cleanup(func() { w.store.Close() })
	w.door = dispatch.New(dispatch.Options{Store: w.store, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	feature := account.Bind(w.door, account.Options{OpenSignUp: true, PublicURL: "http://127.0.0.1:8080", Read: w.door.SystemRead})
	collaboration.Bind(w.door, collaboration.Options{Read: w.door.SystemRead, HashPassword: feature.HashPassword, Reclaim: feature.Reclaim, SignIn: account.StartSession, View: account.View})
	stack := ops.StackView{Name: "static", Title: "Static files", Role: "app", Versions: []ops.StackVersion{{Version: "1", Available: true}}}
	balancer := ops.StackView{Name: "balancer", Title: "Balancer", Role: "balancer", Versions: []ops.StackVersion{{Version: "1", Available: true}}}
	environment.Bind(w.door, environment.Options{Stacks: func() []ops.StackView { return []ops.StackView{stack, balancer} },
		URL: func(name string) string { return "http://" + name + ".example.test/" }, Subnets: 100, KeepDeleted: 7 * 24 * time.Hour, Copies: true,
		Used: func(holm.EnvironmentID) map[holm.NodeID]int64 { return w.used }})
	audit.Bind(w.door, audit.Options{Signer: signer(t)})
	transfer.Bind(w.door)
	variable.Bind(w.door)
	exposure.Bind(w.door)
	w.engine = simulated.New(simulated.Options{Programs: map[string]simulated.Program{"take-password": w.takePassword}})
	w.jobs = job.New(w.store, slog.New(slog.DiscardHandler))
	w.firstPassword = passwords.Bind(w.door, passwords.Options{Door: w.door, Engine: w.engine, Jobs: w.jobs, Log: slog.New(slog.DiscardHandler),
		Setter: func(context.Context, string, string) (passwords.Setter, bool) {
			return passwords.Setter{Title: "Database", Login: "admin", Command: []string{"take-password"}}, true
		}})
	operator.Bind(w.door, operator.Options{Version: "test", Parts: func(context.Context) []ops.Health { return nil }})
	w.door.Connect(dispatch.Hooks{Letter: w.letter})
	w.populate()
	return w
}

func (w *world) letter(_ *store.Tx, l holm.Letter) error {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.letters = append(w.letters, l)
	return nil
}

// password is everybody's.
const password = "a long enough password"

var passwordHash = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		panic(err)
	}
	return hash
})

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) write(f func(tx *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Write(context.Background(), f))
}

// user adds a person and signs them in.
func (w *world) user(kind string, operator bool, t holm.AccountType) (u holm.User, a holm.Account) {
	w.t.Helper()
	return w.add(kind, holm.User{Email: kind + "@example.org", Name: kind, Operator: operator, ProvenAt: w.now}, t)
}

func (w *world) add(kind string, as holm.User, t holm.AccountType) (u holm.User, a holm.Account) {
	w.t.Helper()
	w.write(func(tx *store.Tx) (err error) {
		u, a, err = tx.CreateUser(as, passwordHash(), t)
		if err != nil {
			return err
		}
		session, err := tx.CreateSession(holm.Session{User: u.ID, ExpiresAt: w.now.Add(time.Hour)}, dispatch.HashToken(kind))
		w.people[kind] = dispatch.Caller{User: u.ID, Email: u.Email, Session: session.ID, Road: holm.RoadAPI, Address: "192.0.2.1"}
		return err
	})
	return u, a
}

// member makes a person a collaborator of Ana with a role, a status and a
// level in the shop.
func (w *world) member(kind string, role holm.Role, status holm.Status, level holm.Level, levelEnd time.Time) {
	w.t.Helper()
	u, _ := w.user(kind, false, holm.AccountCollaborator)
	w.write(func(tx *store.Tx) error {
		c, err := tx.PutInvitation(holm.Collaborator{Account: w.account.ID, Email: u.Email, Role: role, InvitedBy: w.account.Owner, LinkUntil: w.now.Add(time.Hour)}, dispatch.HashToken("link of "+kind))
		if err != nil {
			return err
		}
		if _, err := tx.AcceptInvitation(c.ID, u.ID); err != nil {
			return err
		}
		if err := tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: w.shop.ID, Level: level, Until: levelEnd}, w.account.Owner); err != nil {
			return err
		}
		if err := tx.SetStatus(c.ID, status); err != nil {
			return err
		}
		w.members[kind], err = tx.Collaborator(w.account.ID, string(c.ID))
		return err
	})
}

func (w *world) populate() {
	w.people["nobody"] = dispatch.Caller{Road: holm.RoadAPI, Address: "192.0.2.1"}
	w.user("operator", true, holm.AccountFull)
	_, w.account = w.user("owner", false, holm.AccountFull)
	w.user("stranger", false, holm.AccountFull)
	layer := ops.LayerInput{Role: "app", Stack: "static", Nodes: 1, Cloudlets: 2}
	in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Name, in.Body.Layers = "shop", []ops.LayerInput{layer}
	_, err := dispatch.Call(context.Background(), w.door, w.people["owner"], ops.EnvironmentCreate, in)
	must(w.t, err)
	must(w.t, w.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		if w.shop, err = tx.RunningByName("shop"); err == nil {
			w.layer = w.shop.Layers[0]
		}
		return err
	}))
	w.member("admin", holm.RoleAdmin, holm.StatusActive, holm.LevelNone, time.Time{})
	w.member("full", holm.RoleViewer, holm.StatusActive, holm.LevelFull, time.Time{})
	w.member("limited", holm.RoleViewer, holm.StatusActive, holm.LevelLimited, time.Time{})
	w.member("none", holm.RoleViewer, holm.StatusActive, holm.LevelNone, time.Time{})
	w.member("suspended", holm.RoleAdmin, holm.StatusSuspended, holm.LevelFull, time.Time{})
	w.member("expired", holm.RoleViewer, holm.StatusActive, holm.LevelFull, w.now.Add(-time.Second))
	w.write(func(tx *store.Tx) error {
		_, err := tx.PutInvitation(holm.Collaborator{Account: w.account.ID, Email: "pending@example.org", Role: holm.RoleViewer, InvitedBy: w.account.Owner, LinkUntil: w.now.Add(time.Hour)}, dispatch.HashToken("pending"))
		if err != nil {
			return err
		}
		if err := tx.CreateLink("password", dispatch.HashToken("reset"), w.account.Owner, w.now.Add(time.Hour)); err != nil {
			return err
		}
		if _, err := tx.CreateLevel(holm.CustomLevel{Account: w.account.ID, Name: "Deploy only", Permissions: []string{"deploy.git", "environment.see"}}); err != nil {
			return err
		}
		if _, err := tx.CreateGroup(holm.Group{Account: w.account.ID, Name: "Developers"}); err != nil {
			return err
		}
		r, err := tx.PutRequest(holm.AccessRequest{Account: w.account.ID, Collaborator: w.members["limited"].ID, Environment: w.shop.ID, EnvironmentName: "shop",
			Level: holm.LevelFull, For: time.Hour, Reason: "The shop is down", Status: holm.RequestOpen})
		if w.request = r.ID; err != nil {
			return err
		}
		return tx.Want(w.shop.ID, holm.StateRunning, holm.StateRunning)
	})
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
