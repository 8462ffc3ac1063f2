package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// world is a door over a real store, with small implementations behind it and
// this road in front.
type world struct {
	t      testing.TB
	store  *store.Store
	door   *dispatch.Door
	server *httptest.Server
	log    *logged
	people map[string]person
	closed context.CancelFunc
}

type person struct {
	user    holm.User
	account holm.Account
	token   string
	session string
}

// logged is a log that tests read.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func newWorld(t testing.TB, o Options) *world {
	t.Helper()
	st, err := store.Open(context.Background(), store.Options{URL: "sqlite", Dir: t.TempDir(), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &world{t: t, store: st, log: &logged{}, people: map[string]person{}}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.door = dispatch.New(dispatch.Options{Store: st, Clock: time.Now, Log: log})
	w.door.Connect(dispatch.Hooks{Letter: func(*store.Tx, holm.Letter) error { return nil }})
	w.bind()
	o.Log = log
	var closing context.Context
	closing, w.closed = context.WithCancel(context.Background())
	t.Cleanup(w.closed)
	o.Closing = closing
	w.server = httptest.NewServer(New(w.door, o))
	t.Cleanup(w.server.Close)
	return w
}

// bind puts small implementations behind the door, of the real types.
func (w *world) bind() {
	dispatch.Bind(w.door, ops.EnvironmentShow, func(s *dispatch.Scope, in *ops.EnvironmentShowInput) (ops.EnvironmentView, error) {
		return view(s)
	})
	dispatch.Bind(w.door, ops.EnvironmentUpdate, func(s *dispatch.Scope, in *ops.EnvironmentUpdateInput) (ops.EnvironmentView, error) {
		if in.Body.Alias != nil {
			if err := s.Tx.SetAlias(s.Environment.ID, *in.Body.Alias); err != nil {
				return ops.EnvironmentView{}, err
			}
			s.Environment.Alias = *in.Body.Alias
		}
		s.Changed(s.Environment)
		return view(s)
	})
	dispatch.Bind(w.door, ops.EnvironmentStart, func(s *dispatch.Scope, in *ops.EnvironmentStartInput) (ops.EnvironmentView, error) {
		return view(s)
	})
	dispatch.Bind(w.door, ops.EnvironmentDelete, func(s *dispatch.Scope, in *ops.EnvironmentDeleteInput) (ops.EnvironmentView, error) {
		if in.Confirm != s.Environment.Name {
			return ops.EnvironmentView{}, holm.Invalid("confirm", "Type the environment's name.")
		}
		v, err := view(s)
		if err == nil {
			err = s.Tx.EraseEnvironment(s.Environment.ID)
		}
		s.Changed(s.Environment)
		return v, err
	})
	dispatch.Bind(w.door, ops.EnvironmentCreate, func(s *dispatch.Scope, in *ops.EnvironmentCreateInput) (ops.EnvironmentView, error) {
		return ops.EnvironmentView{Name: in.Body.Name}, nil
	})
	dispatch.Bind(w.door, ops.EnvironmentList, func(s *dispatch.Scope, in *ops.EnvironmentListInput) (ops.Page[ops.EnvironmentView], error) {
		return ops.Page[ops.EnvironmentView]{}, nil
	})
	dispatch.Bind(w.door, ops.LayerScale, func(s *dispatch.Scope, in *ops.LayerScaleInput) (ops.EnvironmentView, error) {
		return view(s)
	})
	dispatch.Bind(w.door, ops.NodeRestart, func(s *dispatch.Scope, in *ops.NodeRestartInput) (ops.EnvironmentView, error) {
		if _, err := s.Tx.Node(s.Environment.ID, in.Node); err != nil {
			return ops.EnvironmentView{}, err
		}
		return view(s)
	})
	dispatch.Bind(w.door, ops.CollaboratorShare, func(s *dispatch.Scope, in *ops.CollaboratorShareInput) (ops.CollaboratorView, error) {
		c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
		if err != nil {
			return ops.CollaboratorView{}, err
		}
		for _, share := range in.Body.Environments {
			e, err := s.Tx.OwnEnvironment(s.Account.ID, share.Environment)
			if err != nil {
				return ops.CollaboratorView{}, err
			}
			if err := s.Tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: holm.Level(share.Level)}, s.User.ID); err != nil {
				return ops.CollaboratorView{}, err
			}
		}
		s.AccessChanged(c.User)
		return ops.CollaboratorView{ID: string(c.ID), Email: c.Email}, nil
	})
	dispatch.Bind(w.door, ops.SessionCreate, func(s *dispatch.Scope, in *ops.SessionCreateInput) (ops.SessionCreated, error) {
		if in.Body.Password.Reveal() != "correct horse" {
			return ops.SessionCreated{}, holm.Errorf(holm.CodeUnauthorized, "The e-mail address or the password is wrong.")
		}
		return ops.SessionCreated{Token: "given once"}, nil
	})
	dispatch.Bind(w.door, ops.SessionDelete, func(s *dispatch.Scope, in *ops.SessionDeleteInput) (ops.None, error) {
		s.SessionEnded(s.Caller.Session)
		_, err := s.Tx.EndSession(s.User.ID, s.Caller.Session)
		return ops.None{}, err
	})
	dispatch.Bind(w.door, ops.InvitationAccept, func(s *dispatch.Scope, in *ops.InvitationAcceptInput) (ops.InvitationAccepted, error) {
		return ops.InvitationAccepted{Account: ops.Person{Email: s.User.Email}}, nil
	})
	dispatch.Bind(w.door, ops.StackList, func(s *dispatch.Scope, in *ops.StackListInput) (ops.Page[ops.StackView], error) {
		panic("a bug with a secret in it")
	})
}

func view(s *dispatch.Scope) (v ops.EnvironmentView, err error) {
	e := s.Environment
	layers, err := s.Tx.Layers(e.ID)
	v = ops.EnvironmentView{ID: string(e.ID), Name: e.Name, Alias: e.Alias, State: string(e.State), Owner: ops.Person{ID: string(e.Owner), Email: e.OwnerEmail}, CreatedAt: e.CreatedAt}
	for _, l := range layers {
		lv := ops.LayerView{ID: string(l.ID), Role: string(l.Role), Stack: l.Stack, Version: l.Version, Cloudlets: l.Cloudlets, Nodes: []ops.NodeView{}}
		for _, n := range l.Nodes {
			lv.Nodes = append(lv.Nodes, ops.NodeView{ID: int64(n.ID), State: string(n.State), Address: n.Address})
		}
		v.Layers = append(v.Layers, lv)
	}
	for _, p := range s.Permissions(s.Relation) {
		v.Permissions = append(v.Permissions, string(p))
	}
	return v, err
}

// tx changes the store beside the door.
func (w *world) tx(f func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.store.Write(context.Background(), f); err != nil {
		w.t.Fatal(err)
	}
}

// meet makes a person with a login and a session.
func (w *world) meet(name string) person {
	w.t.Helper()
	var p person
	w.tx(func(tx *store.Tx) (err error) {
		p.user, p.account, err = tx.CreateUser(holm.User{Email: name + "@example.org", Name: name}, "-", holm.AccountFull)
		if err != nil {
			return err
		}
		var hash string
		p.token, hash = dispatch.NewToken("holm_")
		session, err := tx.CreateSession(holm.Session{User: p.user.ID, Road: holm.RoadAPI, ExpiresAt: tx.Now().Add(time.Hour)}, hash)
		p.session = session.ID
		return err
	})
	w.people[name] = p
	return p
}

// environment makes one with an app layer of one node.
func (w *world) environment(owner person, name string) (e holm.Environment) {
	w.t.Helper()
	w.tx(func(tx *store.Tx) (err error) {
		e, err = tx.CreateEnvironment(holm.Environment{Account: owner.account.ID, Name: name, State: holm.StateRunning, Wanted: holm.StateRunning, Creator: owner.user.ID}, 1<<30)
		if err != nil {
			return err
		}
		_, err = tx.CreateLayer(holm.Layer{Environment: e.ID, Role: holm.LayerApp, Stack: "static", Version: "1", Cloudlets: 1}, 0, 1)
		return err
	})
	return e
}

// share makes guest a collaborator of owner with a level in an environment.
func (w *world) share(owner, guest person, e holm.Environment, level holm.Level) {
	w.t.Helper()
	w.tx(func(tx *store.Tx) error {
		c, err := tx.PutInvitation(holm.Collaborator{Account: owner.account.ID, Email: guest.user.Email, Role: holm.RoleViewer, Status: holm.StatusPending, InvitedBy: owner.user.ID, LinkUntil: tx.Now().Add(time.Hour)}, "link of "+guest.user.Email)
		if err != nil {
			return err
		}
		if _, err := tx.AcceptInvitation(c.ID, guest.user.ID); err != nil {
			return err
		}
		return tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: level}, owner.user.ID)
	})
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// ask sends a request. options are headers as "Name: value".
func (w *world) ask(method, path, token, body string, options ...string) reply {
	w.t.Helper()
	r, err := http.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, o := range options {
		name, value, _ := strings.Cut(o, ": ")
		r.Header.Set(name, value)
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) reply {
	w.t.Helper()
	response, err := w.server.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := reply{status: response.StatusCode, header: response.Header, raw: string(raw)}
	json.Unmarshal(raw, &a.body)
	return a
}

// is checks the status and, of a problem, its code.
func (w *world) is(got reply, status int, code holm.Code) {
	w.t.Helper()
	if got.status != status || (code != "" && got.body["code"] != string(code)) {
		w.t.Fatalf("got %d %s, want %d %s", got.status, got.raw, status, code)
	}
	if code != "" && got.header.Get("Content-Type") != "application/problem+json" {
		w.t.Fatalf("a problem came as %s", got.header.Get("Content-Type"))
	}
	if got.header.Get("Cache-Control") != "no-store" {
		w.t.Fatal("an answer may be cached")
	}
}

// named lists what a problem says of inputs, as "name: reason".
func (r reply) named() string {
	var list []string
	fields, _ := r.body["errors"].([]any)
	for _, f := range fields {
		m := f.(map[string]any)
		list = append(list, fmt.Sprintf("%s: %s", m["name"], m["reason"]))
	}
	return strings.Join(list, " | ")
}

// request makes a request for a handler without a connection.
func request(method, path, token string, body []byte) (*http.Request, *httptest.ResponseRecorder) {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	return r, httptest.NewRecorder()
}
