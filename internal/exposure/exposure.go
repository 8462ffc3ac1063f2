// Package exposure is the feature of off-boarding: which secrets somebody could
// have read, and changing them.
//
// It must not read any secret, nor know how one is changed: it asks the door
// for that like everybody else.
package exposure

import (
	"errors"
	"fmt"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Bind binds the feature's operations.
func Bind(d *dispatch.Door) {
	dispatch.Bind(d, ops.CredentialListing, list)
	dispatch.Bind(d, ops.CredentialRotate, rotate)
}

func list(s *dispatch.Scope, in *ops.CredentialListInput) (out ops.CredentialList, err error) {
	out.Items = []ops.CredentialView{}
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return out, err
	}
	s.About(c.Email)
	exposed, err := s.Tx.Exposures(c)
	if err != nil {
		return out, err
	}
	for _, x := range exposed {
		name := x.Variable
		if x.Kind == holm.ExposedPassword {
			name = string(x.Role)
		}
		out.Items = append(out.Items, ops.CredentialView{Kind: string(x.Kind), Environment: &ops.EnvironmentName{ID: string(x.Environment), Name: x.Name, Alias: x.Alias},
			Name: name, Layer: string(x.Layer), How: string(x.How), ReadAt: ops.TimeOrNull(x.ReadAt), State: string(x.State)})
		if x.State.Known() {
			out.Open++
		}
	}
	own, err := ownOf(s, c)
	out.Items = append(out.Items, own...)
	return out, err
}

// ownOf lists the person's own tokens and sessions. They end nowhere but at
// the person; what they reach of the account ends with the collaboration.
func ownOf(s *dispatch.Scope, c holm.Collaborator) (list []ops.CredentialView, err error) {
	if c.Status == holm.StatusPending || c.AcceptedAt.IsZero() {
		return nil, nil // not known to work here
	}
	user, err := s.Tx.UserByEmail(c.Email)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	state := "cut"
	if c.Status == holm.StatusActive && (c.Until.IsZero() || s.Now().Before(c.Until)) {
		state = "works"
	}
	tokens, err := s.Tx.Tokens(user.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if !s.Now().Before(t.ExpiresAt) {
			continue
		}
		list = append(list, ops.CredentialView{Kind: "token", Name: t.Name, How: "own", ReadAt: ops.TimeOrNull(t.UsedAt), State: state})
	}
	sessions, err := s.Tx.Sessions(user.ID)
	for _, x := range sessions {
		list = append(list, ops.CredentialView{Kind: "session", Name: x.Device, How: "own", ReadAt: ops.TimeOrNull(x.UsedAt), State: state})
	}
	return list, err
}

// rotate has every password changed that Holm can change, and marks the
// variables: nobody but their owner knows what they are for.
func rotate(s *dispatch.Scope, in *ops.CredentialRotateInput) (out ops.CredentialRotated, err error) {
	out.Left = []string{}
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return out, err
	}
	s.About(c.Email)
	exposed, err := s.Tx.Exposures(c)
	if err != nil {
		return out, err
	}
	for _, x := range exposed {
		switch {
		case x.State != holm.ExposureOpen:
			continue
		case x.Kind == holm.ExposedVariable:
			marked, err := s.Tx.RotateVariable(x.Environment, x.Variable)
			if err != nil {
				return out, err
			}
			if marked {
				out.Variables++
			}
		default:
			switch err := reset(s, x); {
			case err == nil:
				out.Servers++
			case holm.CodeOf(err) == holm.CodeConflict || holm.CodeOf(err) == holm.CodeNotFound:
				out.Left = append(out.Left, fmt.Sprintf("%s of %s: %s", x.Role, x.Name, holm.AsError(err).Detail))
			default:
				return out, err
			}
		}
	}
	s.Note("servers", out.Servers)
	s.Note("variables", out.Variables)
	s.CollaboratorsChanged(s.Account.ID)
	return out, nil
}

func reset(s *dispatch.Scope, x holm.Exposure) error {
	in := ops.LayerResetPasswordInput{OfLayer: ops.OfLayer{Environment: string(x.Environment), Layer: string(x.Layer)}}
	_, err := dispatch.Within(s, ops.LayerResetPassword, in)
	return err
}
