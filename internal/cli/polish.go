package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// polished are the operations whose commands are better by hand than derived.
// They keep their names. It is filled on start because the commands look up
// one another.
var polished map[string]func(*command)

func init() {
	polished = map[string]func(*command){
		ops.EnvironmentList.Name:     polishEnvironmentList,
		ops.EnvironmentCreate.Name:   polishEnvironmentCreate,
		ops.EnvironmentDelete.Name:   polishEnvironmentDelete,
		ops.EnvironmentRestore.Name:  polishRestore,
		ops.EnvironmentEvents.Name:   func(c *command) { c.short, c.aliases = "Follow state and progress", []string{"follow"} },
		ops.EnvironmentStart.Name:    func(c *command) { c.short = "Start an environment" },
		ops.EnvironmentStop.Name:     func(c *command) { c.short = "Stop an environment" },
		ops.InvitationDecline.Name:   func(c *command) { c.short = "Decline an invitation" },
		ops.EnvironmentShare.Name:    polishEnvironmentShare,
		ops.CollaboratorInvite.Name:  polishInvite,
		ops.InvitationPreview.Name:   polishInvitationPreview,
		ops.CollaboratorShare.Name:   polishCollaboratorShare,
		ops.InvitationAccept.Name:    polishAccept,
		ops.AccessWhy.Name:           polishWhy,
		ops.AccessReview.Name:        polishReview,
		ops.CollaboratorPreview.Name: polishPreview,
		ops.EnvironmentPreview.Name:  polishEnvironmentPreview,
		ops.LevelCreate.Name:         polishLevelCreate,
		ops.LevelUpdate.Name:         polishLevelUpdate,
		ops.LevelPreview.Name:        polishLevelPreview,
		ops.GroupCreate.Name:         polishGroupCreate,
		ops.GroupUpdate.Name:         polishGroupUpdate,
		ops.GroupPreview.Name:        polishGroupPreview,
		ops.EnvironmentUpdate.Name:   polishUpdate,
		ops.LayerAdd.Name:            polishLayerAdd,
		ops.VariableSet.Name:         polishVariableSet,
		ops.CredentialRotate.Name:    polishRotate,
		ops.TransferRequest.Name:     polishTransferRequest,
		ops.TransferAccept.Name:      polishTransferAccept,
		ops.TransferDecline.Name:     func(c *command) { c.example = "  holm transfer decline https://holm.example.org/transfers/TOKEN" },
		ops.LayerRemove.Name:         polishLayerRemove,
		ops.EnvironmentClone.Name:    polishClone,
		ops.LayerRestart.Name: func(c *command) {
			c.example = "  holm layer restart shop app\n  holm layer restart shop app --one-by-one --pause 5 --wait"
		},
		ops.LayerScale.Name:    func(c *command) { polishNumber(c, "nodes", 16) },
		ops.LayerLimit.Name:    func(c *command) { polishNumber(c, "cloudlets", 256) },
		ops.AuditList.Name:     polishAudit,
		ops.AuditAccount.Name:  polishAudit,
		ops.OperatorAudit.Name: polishAudit,
		ops.UserSignUp.Name:    polishSignUp,
		ops.SessionCreate.Name: polishSessionCreate,
		ops.TokenCreate.Name:   polishTokenCreate,
		ops.TOTPEnable.Name:    polishTOTPEnable,
		ops.RecoveryCreate.Name: func(c *command) {
			c.render = func(x *call, out any) error { x.out.recovery(out.(ops.RecoveryCreated).RecoveryCodes); return nil }
		},
		ops.SessionDelete.Name:   func(c *command) { c.example = "  holm session delete others" },
		ops.AuditTail.Name:       polishTail,
		ops.AuditCheckpoint.Name: polishCheckpoint,
	}
}

// polishEnvironmentList asks for all pages when a person looks: the sections
// of the owners would be torn apart otherwise.
func polishEnvironmentList(c *command) {
	c.render = func(x *call, out any) error {
		page := out.(ops.Page[ops.EnvironmentView])
		in := *x.in.Interface().(*ops.EnvironmentListInput)
		if in.Deleted {
			x.out.deleted(page.Items)
			x.more(page)
			return nil
		}
		if page.Next != nil && *page.Next != "" && in.Cursor == "" && in.Limit == 0 {
			in.Cursor = *page.Next
			for e, err := range client.All(x.cmd.Context(), x.client, ops.EnvironmentList, in) {
				if err != nil {
					return err
				}
				page.Items = append(page.Items, e)
			}
			page.Next = nil
		}
		x.out.value(page)
		x.more(page)
		return nil
	}
}

// defaultLayers make the smallest environment that answers in a browser.
var defaultLayers = []string{"balancer:balancer:1", "app:static:1"}

func polishEnvironmentCreate(c *command) {
	var layers []string
	c.lift("name")
	c.long = "Create an environment. A layer is role:stack[@version][:nodes[:cloudlets]]; without\n--layer there are a balancer and one node that serves static files. One cloudlet is\n" +
		"128 MiB of memory and 400 MHz of CPU. holm stack list shows the stacks."
	c.example = "  holm environment create shop --wait\n  holm environment create shop --alias \"The shop\" --layer balancer --layer app:nodejs:2:4"
	c.extra = func(fs *pflag.FlagSet) {
		fs.StringArrayVar(&layers, "layer", nil, "A `layer` as role:stack[@version][:nodes[:cloudlets]]; several allowed")
	}
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.EnvironmentCreateInput)
		if err := holm.CheckEnvironmentName(in.Body.Name); err != nil {
			return err
		}
		if len(layers) == 0 && len(in.Body.Layers) == 0 {
			layers = defaultLayers
		}
		if len(layers) > 0 {
			in.Body.Layers = nil
		}
		for _, s := range layers {
			l, err := parseLayer(s)
			if err != nil {
				return err
			}
			in.Body.Layers = append(in.Body.Layers, l)
		}
		return nil
	}
	c.render = func(x *call, out any) error {
		e := out.(ops.EnvironmentView)
		x.out.line("Created %s.", e.Name)
		x.out.pairs([]pair{{"state", state(e.State)}, {"url", text(e.URL)}, {"owner", text(e.Owner.Email)}})
		return nil
	}
}

// polishEnvironmentDelete asks a person to type the name again.
func polishEnvironmentDelete(c *command) {
	c.example = "  holm environment delete shop --confirm shop"
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.EnvironmentDeleteInput)
		if in.Confirm != "" {
			return nil
		}
		var err error
		in.Confirm, err = x.ask.line(fmt.Sprintf("This deletes %s for everybody. Type its name to go on: ", clean(in.Environment)), "--confirm with the environment's name")
		if err == nil && in.Confirm == "" {
			err = holm.Invalid("confirm", "Nothing was typed, nothing is deleted.")
		}
		return err
	}
	c.render = func(x *call, out any) error {
		x.out.line("%s", x.sentence())
		x.out.restorable(out.(ops.EnvironmentView))
		return nil
	}
}

// polishRestore shows the address it answers at again.
func polishRestore(c *command) {
	c.example = "  holm environment list --deleted\n  holm environment restore shop\n  holm environment restore shop --name old-shop"
	c.render = func(x *call, out any) error {
		e := out.(ops.EnvironmentView)
		x.out.line("Restored %s.", e.Name)
		x.out.pairs([]pair{{"state", state(e.State)}, {"url", text(e.URL)}})
		return nil
	}
}

// restorable tells until when a deleted environment can be brought back.
func (p *printer) restorable(e ops.EnvironmentView) {
	if e.DeletedAt != nil && e.ErasedFrom != nil && e.ErasedFrom.After(*e.DeletedAt) {
		p.line("Until %s you can bring it back: holm environment restore %s", p.time(*e.ErasedFrom).text, e.Name)
	}
}

// polishNumber lets the new number stand after the layer too.
func polishNumber(c *command, name string, high int) {
	upper := strings.ToUpper(name)
	c.usage = fmt.Sprintf(" ENVIRONMENT LAYER [%s]", upper)
	c.example = fmt.Sprintf("  holm layer %s shop app 3\n  holm layer %s shop app --%s 3", c.op.Verb(), c.op.Verb(), name)
	field := c.flags[0]
	for _, f := range c.flags {
		if f.field.Name == name {
			field = f
		}
	}
	c.rest = func(x *call, args []string) error {
		if len(args) > 1 {
			return holm.Errorf(holm.CodeInvalid, "%q is one argument too many.", args[1])
		}
		return field.Set(args[0])
	}
	c.before = func(x *call) error {
		if !field.given && x.body == "" {
			return holm.Invalid(name, "Give the number of %s, 1 to %d.", name, high)
		}
		return nil
	}
}

// whyShortcut is holm why, which people type more often than its full name.
func (a *app) whyShortcut() *cobra.Command {
	cmd := a.derive(ops.AccessWhy.Operation).cobra()
	cmd.Use = "why" + strings.TrimPrefix(cmd.Use, ops.AccessWhy.Verb())
	cmd.Short = "Tell whether somebody may do something, and why"
	cmd.Annotations = map[string]string{noteShortcut: ops.AccessWhy.Name}
	return cmd
}
