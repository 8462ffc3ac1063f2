package access

import "slices"

// Token is what an access token lets through of what its person may do. It
// only ever takes away: a decision is made about the person first, and a yes
// becomes a no where the token does not reach.
type Token struct {
	// Permissions are those that the token carries; nil for all.
	Permissions []Permission
	// Narrow says that the token reaches some environments only, and Here that
	// the target is one of them.
	Narrow, Here bool
}

// Carries says whether the token carries a permission.
func (t *Token) Carries(p Permission) bool {
	return t.Permissions == nil || slices.Contains(t.Permissions, p)
}

// restrict narrows a decision about a person to what the request came with
// and to what the account asks of its collaborators. A no stays a no.
func restrict(r *Row, f *Facts, d Decision) Decision {
	if !d.Allowed || f.System {
		return d
	}
	if f.Token != nil {
		d = byToken(r, f, d)
	}
	if d.Allowed && f.FactorWanted && !f.Factor && !f.Owner && (r.Scope == ScopeEnvironment || r.Scope == ScopeAccount && r.Permission != AccountCreateOwn) {
		return Decision{Rule: "second factor required", Visible: d.Visible,
			Reason: f.voice("The owner requires a second factor of collaborators, and you have none yet: turn on the one-time code or add a passkey under Account, Security.", " has no second factor yet, which the owner requires of collaborators.")}
	}
	return d
}

func byToken(r *Row, f *Facts, d Decision) Decision {
	t := f.Token
	no := Decision{Rule: "token", Visible: true}
	switch {
	case f.Personal:
		no.Reason = "This needs you to be signed in yourself; an access token cannot do it."
		return no
	case t.Narrow && r.Scope == ScopeEnvironment && !t.Here:
		// What the token does not reach does not exist for it.
		return Decision{Rule: "token", Reason: "The access token does not reach this environment."}
	case r.Scope == ScopePublic || r.Scope == ScopeSelf && f.Reading:
		return d
	case t.Narrow && r.Scope != ScopeEnvironment:
		no.Reason = "The access token reaches some environments only, and this is about more."
	case !t.Carries(r.Permission):
		no.Reason = "The access token does not carry this permission; create one that does."
		no.Visible = d.Visible
	default:
		return d
	}
	return no
}

// ForTokens lists what an access token can be narrowed to, in table order:
// every permission of the table, and what people do with their own.
func ForTokens() []Permission {
	list := []Permission{}
	for i := range table {
		list = append(list, table[i].Permission)
	}
	return append(list, Self, Operator)
}
