package cli

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// whoHelp is how people are named, by every command that takes one.
const whoHelp = "an e-mail address, the id of a collaborator, or, where that is clear,\na name or the part of the address before the @."

const shareHelp = "none (hides it), limited, full, inherit\n(nothing of one's own: groups decide) or an own level by name. With ,until=WHEN\nbehind it (2026-12-31, 7d, 12h, an RFC 3339 time) the access ends by itself."

// environmentShares reads ENVIRONMENT=LEVEL[,until=WHEN] arguments.
func (x *call) environmentShares(args []string) ([]ops.Share, error) {
	shares, err := parseShares(x.app.now(), args)
	var list []ops.Share
	for _, s := range shares {
		list = append(list, ops.Share{Environment: s.name, Level: s.level, Until: s.until})
	}
	return list, err
}

// inviteFlags adds what an invitation gives beyond single values.
func inviteFlags(c *command, body func(x *call) *ops.InviteBody) {
	var environments, groups []string
	c.lift("email")
	c.extra = func(fs *pflag.FlagSet) {
		fs.StringArrayVar(&environments, "environment", nil, "Share an environment from the acceptance on, as `name=level[,until=when]`; several allowed")
		fs.StringArrayVar(&groups, "group", nil, "Put them into a group from the acceptance on, by `name`; several allowed")
	}
	c.before = func(x *call) error {
		b := body(x)
		list, err := x.environmentShares(environments)
		if len(list) > 0 {
			b.Environments = list
		}
		if len(groups) > 0 {
			b.Groups = groups
		}
		return err
	}
}

func polishInvite(c *command) {
	inviteFlags(c, func(x *call) *ops.InviteBody { return &x.in.Interface().(*ops.CollaboratorInviteInput).Body })
	c.long = "Invite somebody by e-mail. A level is " + shareHelp
	c.example = "  holm collaborator invite bob@example.org\n  holm collaborator invite bob@example.org --role admin --environment shop=full --environment blog=limited,until=30d\n" +
		"  holm collaborator invite fay@example.org --group Developers --all-environments limited"
	c.render = func(x *call, out any) error {
		v := out.(ops.CollaboratorView)
		x.out.line("Invited %s as %s.", v.Email, v.Role)
		if v.LinkUntil != nil {
			x.out.pairs([]pair{{"link until", x.out.end(v.LinkUntil)}})
		}
		if v.AllEnvironments != nil {
			x.out.pairs([]pair{{"all environments", text(wide(v.AllEnvironments))}, {"until", x.out.end(v.AllEnvironments.Until)}})
		}
		if len(v.Groups) > 0 {
			var names []string
			for _, g := range v.Groups {
				names = append(names, g.Group.Name)
			}
			x.out.pairs([]pair{{"groups", text(strings.Join(names, ", "))}})
		}
		if len(v.Environments) > 0 {
			x.out.shared(v.Environments)
		}
		return nil
	}
}

func polishInvitationPreview(c *command) {
	inviteFlags(c, func(x *call) *ops.InviteBody { return &x.in.Interface().(*ops.InvitationPreviewInput).Body })
	c.short = "Tell what an invitation would give, before it is sent"
	c.long = "Tell what somebody would have once they accept, without inviting them. A level is " + shareHelp
	c.example = "  holm invitation preview fay@example.org --group Developers --environment shop=full"
}

func polishCollaboratorShare(c *command) {
	c.usage = " COLLABORATOR ENVIRONMENT=LEVEL…"
	c.long = "Set the levels of a collaborator in several environments; all or none are saved,\nothers stay as they are. COLLABORATOR is " + whoHelp + "\nA level is " + shareHelp
	c.example = "  holm collaborator share bob@example.org shop=full blog=none wiki=limited,until=7d"
	c.rest = func(x *call, args []string) error {
		list, err := x.environmentShares(args)
		x.in.Interface().(*ops.CollaboratorShareInput).Body.Environments = list
		return err
	}
	c.before = func(x *call) error {
		if len(x.in.Interface().(*ops.CollaboratorShareInput).Body.Environments) == 0 {
			return holm.Invalid("environments", "Say what to share as ENVIRONMENT=LEVEL, for example shop=limited.")
		}
		return nil
	}
	c.render = func(x *call, out any) error {
		v := out.(ops.CollaboratorView)
		x.out.line("%s has now:", v.Email)
		x.out.shared(v.Environments)
		return nil
	}
}

// personShares reads WHO=LEVEL[,until=WHEN] arguments.
func (x *call) personShares(args []string) (list []ops.PersonShare, err error) {
	shares, err := parseShares(x.app.now(), args)
	for _, s := range shares {
		list = append(list, ops.PersonShare{Collaborator: s.name, Level: s.level, Until: s.until})
	}
	return list, err
}

func polishEnvironmentShare(c *command) {
	c.usage = " ENVIRONMENT WHO=LEVEL…"
	c.long = "Set the levels of several collaborators in an environment; all or none are saved,\nothers stay as they are. WHO is " + whoHelp + "\nA level is " + shareHelp
	c.example = "  holm environment share shop bob@example.org=limited,until=7d"
	c.rest = func(x *call, args []string) error {
		list, err := x.personShares(args)
		x.in.Interface().(*ops.EnvironmentShareInput).Body.Collaborators = list
		return err
	}
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.EnvironmentShareInput)
		if len(in.Body.Collaborators) == 0 {
			return holm.Invalid("collaborators", "Say with whom to share as WHO=LEVEL, for example bob@example.org=limited.")
		}
		for i := range in.Body.Collaborators {
			p := &in.Body.Collaborators[i]
			who, err := x.who(in.Environment, p.Collaborator)
			if err != nil {
				return err
			}
			p.Collaborator = who
		}
		return nil
	}
	c.render = func(x *call, out any) error {
		x.out.line("%s", x.sentence())
		x.out.value(out)
		return nil
	}
}

// polishAccept asks a new person for what a login needs, and keeps their first
// session: the link brought them here, so they are in.
func polishAccept(c *command) {
	var password *input
	for _, f := range c.flags {
		if f.base() == secretType {
			password = f
		}
	}
	c.long = "Accept an invitation with the link of the mail. Who is new here sets a password and\nis signed in; who has a login must be signed in with the invited address."
	c.example = "  holm invitation accept https://holm.example.org/invitations/TOKEN"
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.InvitationAcceptInput)
		v, err := client.Call(x.cmd.Context(), x.client, ops.InvitationShow, ops.InvitationShowInput{Token: in.Token})
		if err != nil {
			return err
		}
		if x.login.Token != "" {
			return nil // the server says so where the invitation is for somebody else
		}
		if v.Known {
			return holm.Errorf(holm.CodeUnauthorized, "%s has a login here; sign in first: holm login %s --email %s", v.Email, x.login.Server, v.Email)
		}
		if x.ask.person && in.Body.Name == "" && !x.app.json {
			x.out.invitation(v)
			if in.Body.Name, err = x.ask.line("Your name: ", "--name"); err != nil {
				return err
			}
		}
		password.ask = in.Body.Password.Empty()
		return nil
	}
	c.render = func(x *call, out any) error {
		v := out.(ops.InvitationAccepted)
		x.out.line("You now work with %s as %s.", v.Account.Email, v.Role)
		if v.Session == nil {
			return nil
		}
		return x.keepSession(*v.Session)
	}
}

func polishWhy(c *command) {
	c.usage = " [PERSON] OPERATION ENVIRONMENT"
	c.arguments = nil
	c.drop("operation", "person")
	c.least = 2
	c.long = "Tell whether a person may do an operation in an environment, by which rule, and who\ncould change it. PERSON is " + whoHelp + "\nYourself when not given, others only for the owner."
	c.example = "  holm why environment.delete shop\n  holm why bob environment.delete shop"
	c.complete = c.completeWhy
	c.rest = func(x *call, args []string) error {
		in := x.in.Interface().(*ops.AccessWhyInput)
		switch len(args) {
		case 3:
			in.Person, in.Operation, in.Environment = args[0], args[1], args[2]
		case 2:
			in.Operation, in.Environment = args[0], args[1]
		default:
			return holm.Errorf(holm.CodeInvalid, "%q is one argument too many: holm why [PERSON] OPERATION ENVIRONMENT", args[3])
		}
		if ops.Lookup(in.Operation) == nil {
			return holm.Invalid("operation", "There is no operation %q; they look like environment.delete.", in.Operation)
		}
		return nil
	}
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.AccessWhyInput)
		if in.Person == "" {
			return nil
		}
		var err error
		in.Person, err = x.who(in.Environment, in.Person)
		return err
	}
}

// named says that a person is named as the server knows them: by address or id.
func named(person string) bool {
	return strings.Contains(person, "@") || strings.HasPrefix(person, "col_")
}

// who finds the address of a person by name among those who work on an
// environment.
func (x *call) who(environment, name string) (string, error) {
	if named(name) {
		return name, nil
	}
	var known []nameAndAddress
	in := ops.EnvironmentSharingInput{OfEnvironment: ops.OfEnvironment{Environment: environment}}
	for row, err := range client.All(x.cmd.Context(), x.client, ops.EnvironmentSharing, in) {
		if err != nil {
			return "", err
		}
		known = append(known, nameAndAddress{row.Name, row.Collaborator.Email})
	}
	return theOne(name, known)
}

// collaborator finds the address of the collaborator whom an argument names,
// among those of the account.
func (x *call) collaborator() error {
	of := x.in.Elem().FieldByName("OfCollaborator")
	if !of.IsValid() {
		return nil
	}
	target := of.Addr().Interface().(*ops.OfCollaborator)
	if target.Collaborator == "" || named(target.Collaborator) {
		return nil
	}
	var known []nameAndAddress
	in := ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: target.Account}}
	for c, err := range client.All(x.cmd.Context(), x.client, ops.CollaboratorList, in) {
		if err != nil {
			return err
		}
		known = append(known, nameAndAddress{c.Name, c.Email})
	}
	var err error
	target.Collaborator, err = theOne(target.Collaborator, known)
	return err
}

type nameAndAddress struct{ name, address string }

// theOne finds the one person of that name.
func theOne(name string, known []nameAndAddress) (string, error) {
	var found []string
	for _, p := range known {
		local, _, _ := strings.Cut(p.address, "@")
		first, _, _ := strings.Cut(p.name, " ")
		if strings.EqualFold(name, local) || strings.EqualFold(name, p.name) || strings.EqualFold(name, first) {
			found = append(found, p.address)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", holm.Errorf(holm.CodeNotFound, "Nobody called %s works with you; give the e-mail address.", name)
	}
	return "", holm.Invalid("person", "%s could be %s; give the e-mail address.", name, strings.Join(found, " or "))
}
