package dispatch

import "github.com/holmhq/holm/ops"

// Within asks the door for another operation, as the same caller in the same
// transaction: it is decided, validated, done and recorded like any other, and
// is undone with the rest. A refusal is for the operation that asked to tell.
// Operations with a preparation cannot be asked for so.
func Within[I ops.Input, O any](s *Scope, op ops.Op[I, O], in I) (out O, err error) {
	if s.door.prepared[op.Name] != nil || s.door.bound[op.Name] == nil {
		panic("dispatch: " + op.Name + " cannot be done within another operation")
	}
	inner := s.door.scope(s.Context, s.Tx, s.Caller, op.Operation)
	done, err := s.door.attempt(inner, &in)
	if err != nil {
		return out, err
	}
	if err := s.door.finish(inner, &in); err != nil {
		return out, err
	}
	s.effects.events = append(s.effects.events, inner.effects.events...)
	s.effects.wake = append(s.effects.wake, inner.effects.wake...)
	s.effects.cut = append(s.effects.cut, inner.effects.cut...)
	s.effects.tokens = append(s.effects.tokens, inner.effects.tokens...)
	return done.(O), nil
}
