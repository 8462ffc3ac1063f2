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

	// About the target's environment: all that the person was ever given in
	// it, also what has ended.
	Gifts []Gift

	// Person is whom the sentences speak of, "" for the one who reads them:
	// "Your access …" or "bob@example.org's access …".
	Person string

	mute bool // only the answer is wanted
}

// voice gives the sentence for the one who reads it or for somebody else; it
// begins where "You" or the name stands.
func (f *Facts) voice(you, they string) string {
	switch {
	case f.mute:
		return ""
	case f.Person == "":
		return you
	}
	return f.Person + they
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
	e := index[p]
	if e.row == nil {
		return Decision{Permission: p, Rule: "unknown permission", Reason: fmt.Sprintf("There is no permission %s.", p)}
	}
	d := decide(e, &f)
	d.Permission = p
	return d
}

// decide goes from the widest rule to the narrowest; the first that knows an
// answer gives it. Facts and rows go by pointer and the sentences are ready,
// because a list of environments asks thousands of times.
func decide(e entry, f *Facts) Decision {
	d := ofPerson(e, f)
	if f.Token == nil && !f.FactorWanted {
		return d
	}
	return restrict(e.row, f, d)
}

// ofPerson decides about the person, whatever the request came with.
func ofPerson(e entry, f *Facts) Decision {
	r := e.row
	switch {
	case r.Scope == ScopePublic:
		return yes("public", "Everybody may do this.")
	case f.System:
		return yes("system", "Holm does this by itself.")
	case !f.SignedIn:
		return Decision{Rule: "not signed in", Reason: "Sign in first."}
	case f.Suspended:
		return Decision{Rule: "login suspended", Visible: f.Owner, Reason: f.voice("Your login is suspended.", "'s login is suspended."), GrantableBy: "the operator of this installation"}
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
	return byLevel(e, f)
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
		return yes("operator", f.voice("You run this installation.", " runs this installation."))
	}
	return Decision{Rule: "not operator", Visible: true, Reason: "Only an operator of this installation may do this.", GrantableBy: "an operator of this installation"}
}

// ownAccount: creating on one's own account depends on its type, never on a
// role in somebody else's.
func ownAccount(f *Facts) Decision {
	if holm.LimitsOf(f.AccountType).Environments > 0 {
		return yes("own full account", f.voice("Your own account may own environments.", "'s own account may own environments."))
	}
	d := Decision{Rule: "own account type", Visible: true, GrantableBy: "an operator of this installation"}
	if !f.mute {
		d.Reason = f.voice("Your", "'s") + " own account is a " + string(f.AccountType) + " account, which cannot own environments."
	}
	return d
}

func owner(r *Row, f *Facts) Decision {
	if f.OwnerSuspended && !f.Reading && !looks(r.Permission) {
		return Decision{Rule: "account suspended", Visible: true, Reason: f.voice("Your account is suspended.", "'s account is suspended."), GrantableBy: "an operator of this installation"}
	}
	if r.Permission == AccountCreateEnvironment {
		return ownAccount(f)
	}
	return yes("owner", f.voice("You own it.", " owns it."))
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
	d := Decision{Rule: "stranger", Reason: f.voice("You do not collaborate on this account.", " does not collaborate on this account."), GrantableBy: f.OwnerEmail}
	switch f.Status {
	case holm.StatusSuspended:
		d.Rule, d.Reason = "collaboration suspended", f.voice("The owner has suspended your collaboration.", "'s collaboration is suspended by the owner.")
	case holm.StatusActive:
		d.Rule = "collaboration ended"
		if !f.mute {
			d.Reason = f.voice("Your", "'s") + " collaboration ended " + holm.EndedWords(f.CollaborationEnd) + "."
		}
	case holm.StatusPending:
		d.Rule, d.Reason = "invitation pending", f.voice("The invitation is not accepted yet.", " is invited and has not accepted yet.")
	case holm.StatusLeft, holm.StatusRemoved, holm.StatusDeclined, holm.StatusExpired:
		if f.Person != "" {
			d.Reason = f.voice("", pastSaid[f.Status])
		}
	}
	return d
}

// pastSaid tells the owner how a collaboration ended. It is not told to the
// person: to them the account is one they have nothing to do with.
var pastSaid = map[holm.Status]string{
	holm.StatusLeft: " has left this account.", holm.StatusRemoved: " was removed from this account.",
	holm.StatusDeclined: " declined the invitation.", holm.StatusExpired: " did not accept the invitation in time.",
}

func byRole(r *Row, f *Facts) Decision {
	rule, reason := roleSaid(f)
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

func byLevel(e entry, f *Facts) Decision {
	gives, way := resolve(f.Gifts, f.Now)
	switch {
	case gives&e.bit != 0 && f.OwnerSuspended && !f.Reading && !looks(e.row.Permission):
		return suspendedOwner()
	case gives&e.bit != 0:
		d := Decision{Allowed: true, Visible: true, OwnRows: e.row.Upper == OwnRows}
		d.Rule, d.Reason = giver(e, f, way)
		return d
	}
	d := Decision{Visible: gives != 0, GrantableBy: f.OwnerEmail}
	if gives == 0 && way != Direct {
		if last := lastEnded(f); last != nil {
			d.Rule = "access ended"
			if !f.mute {
				d.Reason = f.voice("Your", "'s") + " access ended " + holm.EndedWords(last.End) + "."
			}
			return d
		}
	}
	d.Rule, d.Reason = givers(f, gives, way)
	if e.row.Upper == No {
		d.Reason, d.GrantableBy = "Only the owner of the environment may do this.", ""
	}
	return d
}

// giver tells which gift gives a permission: the first that does.
func giver(e entry, f *Facts, way Through) (rule, reason string) {
	if f.mute {
		return "", ""
	}
	for i := range f.Gifts {
		if g := &f.Gifts[i]; g.counts(way, f.Now) && g.Level.Gives&e.bit != 0 {
			return g.said(f.Person)
		}
	}
	return "", ""
}

// givers tells what a person has, where that is not enough.
func givers(f *Facts, gives Set, way Through) (rule, reason string) {
	if f.mute {
		return "", ""
	}
	for i := range f.Gifts {
		g := &f.Gifts[i]
		if !g.counts(way, f.Now) || gives == 0 && g.Through == OnRequest {
			continue
		}
		r, s := g.said(f.Person)
		if rule != "" {
			r, s = rule+", "+r, reason+" "+s
		}
		rule, reason = r, s
	}
	if rule == "" {
		none := Gift{Level: Preset(holm.LevelNone)}
		return none.said(f.Person)
	}
	return rule, reason
}

// lastEnded finds what a person had the longest.
func lastEnded(f *Facts) (last *Gift) {
	for i := range f.Gifts {
		if g := &f.Gifts[i]; g.over(f.Now) && g.Level.Gives != 0 && (last == nil || g.End.After(last.End)) {
			last = g
		}
	}
	return last
}

// roleSaid gives the rule and the sentence of a role.
func roleSaid(f *Facts) (rule, reason string) {
	switch f.Role {
	case holm.RoleAdmin:
		return "role admin", f.voice("Your role on this account is admin.", "'s role on this account is admin.")
	case holm.RoleViewer:
		return "role viewer", f.voice("Your role on this account is viewer.", "'s role on this account is viewer.")
	}
	if f.mute {
		return "", ""
	}
	return "role " + string(f.Role), f.voice("Your", "'s") + " role on this account is " + string(f.Role) + "."
}

// Allowed lists the environment permissions that the facts give, in table
// order: what the person may do here.
func Allowed(f Facts) []Permission {
	f.mute = true
	list := make([]Permission, 0, len(table))
	for i := range table {
		if table[i].Scope == ScopeEnvironment && decide(entry{&table[i], 1 << i}, &f).Allowed {
			list = append(list, table[i].Permission)
		}
	}
	return list
}
