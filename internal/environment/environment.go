// Package environment is the feature of environments, their layers and nodes:
// it writes what is wanted. Making the world so is the reconciler's work.
//
// It must not know how nodes run, nor decide who may do what.
package environment

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Options are what the feature needs of the installation.
type Options struct {
	// Stacks lists the kinds of nodes and where each can run.
	Stacks func() []ops.StackView
	// URL gives the address at which an environment of a name answers.
	URL func(name string) string
	// Subnets is how many networks the engine has.
	Subnets int
	// Copies says whether the engine can give nodes the files of others;
	// without it nothing is cloned.
	Copies bool
	// KeepDeleted is how long a deleted environment can be restored; 0: not at
	// all.
	KeepDeleted time.Duration
	// LayerMade is called in the transaction that makes a layer, except by a
	// clone; nil: nobody asks.
	LayerMade func(s *dispatch.Scope, l holm.Layer) error
	// Used gives the memory that nodes of an environment were last seen using,
	// in bytes, at once; nil: nobody knows.
	Used func(id holm.EnvironmentID) map[holm.NodeID]int64
}

type feature struct{ o Options }

// Bind binds the feature's operations.
func Bind(d *dispatch.Door, o Options) {
	f := &feature{o: o}
	dispatch.Bind(d, ops.EnvironmentList, f.list)
	dispatch.Bind(d, ops.EnvironmentCreate, f.create)
	dispatch.Bind(d, ops.EnvironmentShow, func(s *dispatch.Scope, _ *ops.EnvironmentShowInput) (ops.EnvironmentView, error) {
		return f.show(s)
	})
	dispatch.Bind(d, ops.EnvironmentUpdate, f.change)
	dispatch.Bind(d, ops.EnvironmentStart, f.start)
	dispatch.Bind(d, ops.EnvironmentStop, f.stop)
	dispatch.Bind(d, ops.EnvironmentDelete, f.delete)
	dispatch.Bind(d, ops.EnvironmentRestore, f.restore)
	dispatch.Bind(d, ops.EnvironmentClone, f.clone)
	dispatch.Bind(d, ops.EnvironmentEvents, func(s *dispatch.Scope, _ *ops.EnvironmentEventsInput) (ops.Event, error) {
		v, err := f.show(s)
		return ops.Event{Type: "state", Time: s.Now(), Environment: &v}, err
	})
	dispatch.Bind(d, ops.LayerAdd, f.addLayer)
	dispatch.Bind(d, ops.LayerRemove, f.removeLayer)
	dispatch.Bind(d, ops.NodeRemove, f.removeNode)
	dispatch.Bind(d, ops.LayerScale, f.scale)
	dispatch.Bind(d, ops.LayerLimit, f.limit)
	dispatch.Bind(d, ops.LayerRestart, f.restartLayer)
	dispatch.Bind(d, ops.NodeRestart, f.restartNode)
	dispatch.Bind(d, ops.StackList, func(*dispatch.Scope, *ops.StackListInput) (ops.Page[ops.StackView], error) {
		return ops.Page[ops.StackView]{Items: o.Stacks()}, nil
	})
}

// show reads the target anew and shows it as the caller may see it.
func (f *feature) show(s *dispatch.Scope) (ops.EnvironmentView, error) {
	r, err := s.Tx.ToEnvironment(s.User.ID, string(s.Environment.ID))
	if err != nil {
		return ops.EnvironmentView{}, err
	}
	if r.Environment.Layers, err = s.Tx.Layers(r.Environment.ID); err != nil {
		return ops.EnvironmentView{}, err
	}
	v := f.view(s, r)
	if slices.Contains(v.Permissions, string(access.EnvironmentClone)) {
		v.Copy, err = copyView(s, r.Environment)
	}
	if err == nil && slices.Contains(v.Permissions, string(access.EnvironmentTransfer)) {
		v.Transfer, err = offerView(s, r.Environment)
	}
	return v, err
}

func (f *feature) view(s *dispatch.Scope, r store.Relation) ops.EnvironmentView {
	e := r.Environment
	v := ops.EnvironmentView{ID: string(e.ID), Name: e.Name, Alias: e.Alias, State: string(e.State), Reason: e.Reason, URL: f.o.URL(e.Name),
		Owner: ops.Person{ID: string(e.Owner), Email: e.OwnerEmail}, Layers: []ops.LayerView{}, Permissions: []string{}, CreatedAt: e.CreatedAt}
	if s.Now().Before(e.OfferedUntil) && (e.State == holm.StateRunning || e.State == holm.StateStopped) {
		v.State, v.Meanwhile = string(holm.StateTransferring), string(e.State)
	}
	if e.Owner == s.User.ID {
		v.Level = "owner"
	} else {
		stands := access.Stand(r.Gifts, s.Now())
		v.Level, v.LevelUntil = stands.Name, ops.TimeOrNull(stands.End)
	}
	if !e.Schedule.None() {
		next, _ := e.Schedule.Next(s.Now())
		v.Schedule = &ops.ScheduleView{TimeZone: e.Schedule.TimeZone, Days: e.Schedule.Days, Start: e.Schedule.Start, Stop: e.Schedule.Stop, Next: ops.TimeOrNull(next)}
	}
	for _, p := range s.Permissions(r) {
		v.Permissions = append(v.Permissions, string(p))
	}
	for _, l := range inOrder(e.Layers) {
		lv := ops.LayerView{ID: string(l.ID), Role: string(l.Role), Stack: l.Stack, Version: l.Version, Cloudlets: l.Cloudlets, Nodes: []ops.NodeView{}}
		for _, n := range l.Nodes {
			lv.Nodes = append(lv.Nodes, ops.NodeView{ID: int64(n.ID), State: string(n.State), Reason: n.Reason, Address: n.Address})
		}
		v.Layers = append(v.Layers, lv)
	}
	return v
}

// inOrder sorts layers the way requests meet them.
func inOrder(layers []holm.Layer) []holm.Layer {
	sorted := make([]holm.Layer, 0, len(layers))
	for _, role := range holm.LayerRoles {
		for _, l := range layers {
			if l.Role == role {
				sorted = append(sorted, l)
			}
		}
	}
	return sorted
}

func (f *feature) list(s *dispatch.Scope, in *ops.EnvironmentListInput) (page ops.Page[ops.EnvironmentView], err error) {
	page.Items = []ops.EnvironmentView{}
	if in.Deleted {
		return f.deleted(s, in)
	}
	q := store.EnvironmentQuery{State: in.State, Name: in.Name, Stack: in.Stack, Level: in.Level, Order: store.Order(in.Sort), Limit: in.Size() + 1}
	if q.Order == "" {
		q.Order = store.ByName
	}
	if in.Cursor != "" {
		if q.After, err = placeOf(in.Cursor, q.Order); err != nil {
			return page, err
		}
	}
	switch {
	case in.Owner == "me":
		if q.Account = s.Own.ID; q.Account == "" {
			return page, nil // who is looked as has an account that is no part of the view
		}
	case in.Owner != "":
		a, err := s.Tx.Account(in.Owner)
		if err == store.ErrNone {
			return page, nil
		}
		if err != nil {
			return page, err
		}
		q.Account = a.ID
	}
	list, err := s.Tx.Environments(s.Filter(), q)
	for i, v := range list {
		if i == in.Size() {
			next := cursorOf(q.Order, store.Place{Section: list[i-1].Section, Key: q.Order.Key(list[i-1].Environment)})
			page.Next = &next
			break
		}
		page.Items = append(page.Items, f.view(s, v.Relation))
	}
	return page, err
}

func cursorOf(o store.Order, p store.Place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(string(o) + " " + p.Section + " " + p.Key))
}

// placeOf reads a cursor, which goes on only in the order that it was made in.
func placeOf(cursor string, o store.Order) (p store.Place, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if words := strings.Split(string(raw), " "); err == nil && len(words) == 3 && words[0] == string(o) {
		p = store.Place{Section: words[1], Key: words[2]}
	}
	if p.Key == "" || o == store.ByState && (p.Key[0] < '0' || p.Key[0] > '3') {
		return p, holm.Invalid("cursor", "The cursor is not one that a page before gave in this order; ask again without it.")
	}
	return p, nil
}
