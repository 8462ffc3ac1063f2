package access

import (
	"fmt"
	"time"

	"github.com/holmhq/holm"
)

// Facts is all that a decision depends on, gathered at one moment.
type Facts struct {
	Now time.Time

	// About the person.
	SignedIn    bool
	System      bool // a named part of Holm itself
	Operator    bool
	Suspended   bool // the person's login
	AccountType holm.AccountType
	Reading     bool // the operation only looks
	Factor      bool // has a second factor, which signing in asks for

	// About the request.
	Personal bool   // the operation is for people themselves, never for tokens
	Token    *Token // the access token it came with, nil for none

	// About the target's account.
	Owner            bool
	OwnerEmail       string
	OwnerSuspended   bool
	Role             holm.Role   // "" when no collaborator
	Status           holm.Status // "" when no collaborator
	CollaborationEnd time.Time   // zero: none
	FactorWanted     bool        // its collaborators need a second factor

	// About the target's environment.
	Level    holm.Level // "" counts as none
	LevelEnd time.Time  // zero: none
}

// Decision is an answer with the rule that gave it. The explanation is the
// decision: both are made in one place.
type Decision struct {
	Permission  Permission
	Allowed     bool
	Visible     bool   // the target may be known of; if not, a refusal is "not found"
	OwnRows     bool   // allowed, narrowed to what the person did
	Rule        string // stable name of the rule that decided
	Reason      string // a sentence for the person
	GrantableBy string // who can give the right, "" when nobody can
}

// Decide answers whether a person in the given situation has a permission.
// It is pure: same facts, same answer.
func Decide(p Permission, f Facts) Decision {
	r := find(p)
	if r == nil {
		return Decision{Permission: p, Rule: "unknown permission", Reason: fmt.Sprintf("There is no permission %s.", p)}
	}
	d := decide(r, &f)
	d.Permission = p
	return d
}

// decide goes from the widest rule to the narrowest; the first that knows an
// answer gives it. Facts and rows go by pointer and the sentences are ready,
// because a list of environments asks thousands of times.
func decide(r *Row, f *Facts) Decision {
	d := ofPerson(r, f)
	if f.Token == nil && !f.FactorWanted {
		return d
	}
	return restrict(r, f, d)
}

// ofPerson decides about the person, whatever the request came with.
func ofPerson(r *Row, f *Facts) Decision {
	switch {
	case r.Scope == ScopePublic:
		return yes("public", "Everybody may do this.")
	case f.System:
		return yes("system", "Holm does this by itself.")
	case !f.SignedIn:
		return Decision{Rule: "not signed in", Reason: "Sign in first."}
	case f.Suspended:
		return Decision{Rule: "login suspended", Visible: f.Owner, Reason: "Your login is suspended.", GrantableBy: "the operator of this installation"}
	case r.Scope == ScopeSelf:
		return self(f)
	case r.Scope == ScopeOperator:
		return byOperator(f)
	case r.Permission == AccountCreateOwn:
		return ownAccount(f)
	case f.Owner:
		return owner(r, f)
	case !active(f):
		return inactive(f)
	case r.Scope == ScopeAccount:
		return byRole(r, f)
	}
	return byLevel(r, f)
}

func yes(rule, reason string) Decision {
	return Decision{Allowed: true, Visible: true, Rule: rule, Reason: reason}
}

// self: everybody may with their own things. Where the target is an account,
// it must be one's own or one that one works with.
func self(f *Facts) Decision {
	if f.OwnerEmail != "" && !f.Owner && !active(f) {
		return inactive(f)
	}
	return yes("self", "Everybody may do this with their own.")
}

func byOperator(f *Facts) Decision {
	if f.Operator {
		return yes("operator", "You run this installation.")
	}
	return Decision{Rule: "not operator", Visible: true, Reason: "Only an operator of this installation may do this.", GrantableBy: "an operator of this installation"}
}

// ownAccount: creating on one's own account depends on its type, never on a
// role in somebody else's.
func ownAccount(f *Facts) Decision {
	if holm.LimitsOf(f.AccountType).Environments > 0 {
		return yes("own full account", "Your own account may own environments.")
	}
	return Decision{Rule: "own account type", Visible: true, Reason: fmt.Sprintf("Your own account is a %s account, which cannot own environments.", f.AccountType), GrantableBy: "an operator of this installation"}
}

func owner(r *Row, f *Facts) Decision {
	if f.OwnerSuspended && !f.Reading && !looks(r.Permission) {
		return Decision{Rule: "account suspended", Visible: true, Reason: "Your account is suspended.", GrantableBy: "an operator of this installation"}
	}
	if r.Permission == AccountCreateEnvironment {
		return ownAccount(f)
	}
	return yes("owner", "You own it.")
}

// looks says whether a permission is only ever about looking, which stays
// possible on a suspended account.
func looks(p Permission) bool {
	switch p {
	case EnvironmentSee, AuditView, LogsView, UsageView, AutoscaleHistory:
		return true
	}
	return false
}

func active(f *Facts) bool {
	return f.Status == holm.StatusActive && (f.CollaborationEnd.IsZero() || f.Now.Before(f.CollaborationEnd))
}

func inactive(f *Facts) Decision {
	d := Decision{Rule: "stranger", Reason: "You do not collaborate on this account.", GrantableBy: f.OwnerEmail}
	switch {
	case f.Status == holm.StatusSuspended:
		d.Rule, d.Reason = "collaboration suspended", "The owner has suspended your collaboration."
	case f.Status == holm.StatusActive:
		d.Rule, d.Reason = "collaboration ended", "Your collaboration ended "+when(f.CollaborationEnd)+"."
	case f.Status == holm.StatusPending:
		d.Rule, d.Reason = "invitation pending", "The invitation is not accepted yet."
	}
	return d
}

func byRole(r *Row, f *Facts) Decision {
	rule, reason := roleSaid(f.Role)
	switch {
	case r.ByRole(f.Role) != No && f.OwnerSuspended:
		return suspendedOwner()
	case r.ByRole(f.Role) != No:
		return yes(rule, reason)
	case r.Upper == No:
		return Decision{Rule: rule, Visible: true, Reason: "Only the owner of the account may do this."}
	}
	return Decision{Rule: rule, Visible: true, Reason: reason, GrantableBy: f.OwnerEmail}
}

func suspendedOwner() Decision {
	return Decision{Rule: "account suspended", Visible: true, Reason: "The owner's account is suspended.", GrantableBy: "an operator of this installation"}
}

func byLevel(r *Row, f *Facts) Decision {
	if !f.LevelEnd.IsZero() && !f.Now.Before(f.LevelEnd) {
		return Decision{Rule: "access ended", Reason: "Your access ended " + when(f.LevelEnd) + ".", GrantableBy: f.OwnerEmail}
	}
	rule, reason := levelSaid(f.Level)
	cell := r.ByLevel(f.Level)
	switch {
	case cell != No && f.OwnerSuspended && !f.Reading && !looks(r.Permission):
		return suspendedOwner()
	case cell != No:
		d := yes(rule, reason)
		d.OwnRows = cell == OwnRows
		return d
	}
	visible := f.Level != holm.LevelNone && f.Level != ""
	if r.Upper == No {
		return Decision{Rule: rule, Visible: visible, Reason: "Only the owner of the environment may do this."}
	}
	return Decision{Rule: rule, Visible: visible, Reason: reason, GrantableBy: f.OwnerEmail}
}

// levelSaid gives the rule and the sentence of a level, ready made for those
// that there are.
func levelSaid(l holm.Level) (rule, reason string) {
	switch l {
	case holm.LevelFull:
		return "level full", "Your access to this environment is full."
	case holm.LevelLimited:
		return "level limited", "Your access to this environment is limited."
	case holm.LevelNone, "":
		return "level none", "Your access to this environment is none."
	}
	return "level " + string(l), fmt.Sprintf("Your access to this environment is %s.", l)
}

// roleSaid is levelSaid for roles.
func roleSaid(r holm.Role) (rule, reason string) {
	switch r {
	case holm.RoleAdmin:
		return "role admin", "Your role on this account is admin."
	case holm.RoleViewer:
		return "role viewer", "Your role on this account is viewer."
	}
	return "role " + string(r), fmt.Sprintf("Your role on this account is %s.", r)
}

func when(t time.Time) string { return "on " + t.UTC().Format("2 January 2006 15:04 UTC") }

// Allowed lists the environment permissions that the facts give, in table
// order: what the caller may do here.
func Allowed(f Facts) []Permission {
	list := make([]Permission, 0, len(table))
	for i := range table {
		if table[i].Scope == ScopeEnvironment && decide(&table[i], &f).Allowed {
			list = append(list, table[i].Permission)
		}
	}
	return list
}
