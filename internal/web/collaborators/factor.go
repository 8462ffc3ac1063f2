package collaborators

import (
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// requireFactor requires a second factor of collaborators, or no more.
func requireFactor(r *site.Request) error {
	in := ops.AccountSecureInput{}
	in.Account = me
	in.Body.SecondFactorRequired = r.PostFormValue("required") == "yes"
	if _, err := site.Ask(r, ops.AccountSecure, in); err != nil {
		return failed(r, err)
	}
	said := "Collaborators need no second factor any more."
	if in.Body.SecondFactorRequired {
		said = "Collaborators need a second factor from now on. Who has none is told by mail and cannot use your environments until it is set up."
	}
	r.Tell("people", said)
	return r.See("/collaborators")
}

// loadFactor reads what the account asks of its collaborators.
func (l *list) loadFactor(r *site.Request) (err error) {
	in := ops.AccountSecurityInput{}
	in.Account = me
	l.factor, err = site.Ask(r, ops.AccountSecurity, in)
	return err
}

// nobodyActive says whether there is nobody of whom it would be asked.
func (l list) nobodyActive() bool {
	return !slices.ContainsFunc(l.people, func(p person) bool { return p.is(holm.StatusActive) })
}

func (l list) without() string {
	switch l.factor.Without {
	case 0:
		if l.nobodyActive() {
			return "Nobody is active yet."
		}
		return "Everybody who is active has one."
	case 1:
		return "1 person who is active has none."
	}
	return number(l.factor.Without) + " people who are active have none."
}
