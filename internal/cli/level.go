package cli

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

const permissionHelp = "A permission is named as in docs/permissions.md,\nfor example logs.view; seeing the environment always comes with it."

func polishLevelCreate(c *command) {
	c.lift("name")
	c.usage = " NAME PERMISSION…"
	c.long = "Create a level of your account's own. " + permissionHelp
	c.example = "  holm level create \"Deploy only\" deploy.git logs.view"
	c.rest = func(x *call, args []string) error {
		x.in.Interface().(*ops.LevelCreateInput).Body.Permissions = args
		return nil
	}
}

// polishLevelUpdate keeps the name unless another is given.
func polishLevelUpdate(c *command) {
	c.usage = " LEVEL PERMISSION…"
	c.long = "Change what a level of your account's own gives; everybody who has it has that from then on.\n" + permissionHelp
	c.example = "  holm level update \"Deploy only\" deploy.git logs.view usage.view"
	c.rest = func(x *call, args []string) error {
		x.in.Interface().(*ops.LevelUpdateInput).Body.Permissions = args
		return nil
	}
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.LevelUpdateInput)
		if in.Body.Name == "" {
			in.Body.Name = in.Level
		}
		return nil
	}
}

func polishLevelPreview(c *command) {
	c.usage = " LEVEL PERMISSION…"
	c.short = "Tell what changing a level would change, before it is done"
	c.example = "  holm level preview \"Deploy only\" deploy.git"
	c.rest = func(x *call, args []string) error {
		x.in.Interface().(*ops.LevelPreviewInput).Body.Permissions = args
		return nil
	}
}

// memberFlags are the people who come into a group and go out of it.
type memberFlags struct{ add, remove []string }

func (m *memberFlags) define(fs *pflag.FlagSet, removing bool) {
	fs.StringArrayVar(&m.add, "add", nil, "Put somebody into the group, as `who[,until=when]`; several allowed")
	if removing {
		fs.StringArrayVar(&m.remove, "remove", nil, "Take somebody out of the group; several allowed")
	}
}

// members reads WHO[,until=WHEN].
func (m *memberFlags) members(x *call) (list []ops.GroupMember, err error) {
	for _, text := range m.add {
		who, end, given := strings.Cut(text, ",until=")
		member := ops.GroupMember{Collaborator: who}
		if given {
			if member.Until, err = parseUntil(x.app.now(), end); err != nil {
				return nil, holm.Invalid("add", "%s: %s", text, holm.AsError(err).Detail)
			}
		}
		list = append(list, member)
	}
	return list, nil
}

const groupHelp = "In single environments it gets levels as\nENVIRONMENT=LEVEL, which none takes away; on all of them, present and future, with --all-environments."

func polishGroupCreate(c *command) {
	var people memberFlags
	c.lift("name")
	c.usage = " NAME ENVIRONMENT=LEVEL…"
	c.long = "Create a group of collaborators who are given access together. " + groupHelp
	c.example = "  holm group create Developers --add bob@example.org --all-environments limited\n  holm group create Night --add fay@example.org,until=7d shop=full"
	c.extra = func(fs *pflag.FlagSet) { people.define(fs, false) }
	c.rest = func(x *call, args []string) error {
		list, err := x.environmentShares(args)
		x.in.Interface().(*ops.GroupCreateInput).Body.Environments = list
		return err
	}
	c.before = func(x *call) error {
		list, err := people.members(x)
		if len(list) > 0 {
			x.in.Interface().(*ops.GroupCreateInput).Body.Members = list
		}
		return err
	}
}

func polishGroupUpdate(c *command) {
	var people memberFlags
	c.usage = " GROUP ENVIRONMENT=LEVEL…"
	c.long = "Change who is in a group and what it has; what is not given stays. " + groupHelp
	c.example = "  holm group update Developers --add bob@example.org --remove fay@example.org shop=full"
	c.extra = func(fs *pflag.FlagSet) { people.define(fs, true) }
	c.rest = func(x *call, args []string) error {
		list, err := x.environmentShares(args)
		x.in.Interface().(*ops.GroupUpdateInput).Body.Environments = list
		return err
	}
	c.before = func(x *call) error {
		list, err := people.members(x)
		in := x.in.Interface().(*ops.GroupUpdateInput)
		if len(list) > 0 {
			in.Body.Members = list
		}
		if len(people.remove) > 0 {
			in.Body.Remove = people.remove
		}
		return err
	}
}

func polishGroupPreview(c *command) {
	var people memberFlags
	c.usage = " GROUP ENVIRONMENT=LEVEL…"
	c.short = "Tell what changing or deleting a group would change, before it is done"
	c.example = "  holm group preview Developers --remove bob@example.org\n  holm group preview Developers --delete"
	c.extra = func(fs *pflag.FlagSet) { people.define(fs, true) }
	c.rest = func(x *call, args []string) error {
		list, err := x.environmentShares(args)
		x.in.Interface().(*ops.GroupPreviewInput).Body.Environments = list
		return err
	}
	c.before = func(x *call) error {
		list, err := people.members(x)
		in := x.in.Interface().(*ops.GroupPreviewInput)
		if len(list) > 0 {
			in.Body.Members = list
		}
		if len(people.remove) > 0 {
			in.Body.Remove = people.remove
		}
		return err
	}
}
