package environment

import (
	"errors"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// clone writes an environment like the target, whose nodes begin with the
// files of the target's nodes. Sharing, domains, certificates, statistics, the
// audit log and offers stay with the original.
func (f *feature) clone(s *dispatch.Scope, in *ops.EnvironmentCloneInput) (none ops.EnvironmentView, err error) {
	source := s.Environment
	if !f.o.Copies {
		return none, holm.Errorf(holm.CodeConflict, "%s cannot be cloned: the engine that runs it cannot copy files, and a clone without them would be empty. Create an environment and put the files there.", source.Name)
	}
	if err := busy(source); err != nil {
		return none, err
	}
	if source.CopyOf != "" {
		return none, holm.Errorf(holm.CodeConflict, "%s is itself being made a copy just now; clone it when that is done.", source.Name)
	}
	if err := holm.CheckEnvironmentName(in.Body.Name); err != nil {
		return none, err
	}
	alias := strings.TrimSpace(in.Body.Alias)
	if err := holm.CheckLine("alias", alias, 100); err != nil {
		return none, err
	}
	if alias == "" {
		alias = source.Alias
	}
	if err := f.room(s, holm.LimitsOf(s.Account.Type)); err != nil {
		return none, err
	}
	layers, err := s.Tx.Layers(source.ID)
	if err != nil {
		return none, err
	}
	e, err := s.Tx.CreateEnvironment(holm.Environment{Account: s.Account.ID, Owner: s.Account.Owner, OwnerEmail: s.Account.OwnerEmail, Name: in.Body.Name,
		Alias: alias, State: holm.StateCloning, Wanted: source.Wanted, Creator: s.User.ID, CopyOf: source.ID}, f.o.Subnets)
	if err != nil {
		return none, err
	}
	for i, l := range layers {
		if err := s.Tx.CopyLayer(e.ID, l, i); err != nil {
			return none, err
		}
	}
	if err := s.Tx.CopyVariables(e.ID, source.ID, s.User.ID); err != nil {
		return none, err
	}
	if err := s.Tx.SetSchedule(e.ID, source.Schedule); err != nil {
		return none, err
	}
	s.Note("copy", string(e.ID))
	// The row in the log is the original's; the answer shows the copy.
	defer func() { s.Environment = source }()
	s.Environment = e
	if err := f.greet(s, e); err != nil {
		return none, err
	}
	s.Changed(e)
	s.Wake(e.ID)
	return f.show(s)
}

// copyView says what an environment is a copy of; nothing when it is none.
func copyView(s *dispatch.Scope, e holm.Environment) (*ops.CopyView, error) {
	if e.CopyOf != "" {
		v := &ops.CopyView{Copying: true, Mentions: []ops.MentionView{}}
		original, err := s.Tx.Environment(string(e.CopyOf))
		if err == nil && original.Account == e.Account {
			v.Of = original.Name
		}
		if errors.Is(err, store.ErrNone) {
			err = nil
		}
		return v, err
	}
	r, err := s.Tx.CopyReport(e.ID)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	v := &ops.CopyView{Of: r.Of, CopiedAt: ops.TimeOrNull(r.At), PausedMS: r.Paused.Milliseconds(), Bytes: r.Bytes, Mentions: []ops.MentionView{}, Truncated: r.More}
	for _, m := range r.Mentions {
		v.Mentions = append(v.Mentions, ops.MentionView{Node: int64(m.Node), Path: m.Path, Line: m.Line, Name: m.Name})
	}
	return v, err
}
