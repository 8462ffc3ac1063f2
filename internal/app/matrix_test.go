package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// sample makes an input that makes sense for an operation in a world: what is
// refused then is refused because of who asks. An operation without one fails
// the test, so that every new operation is executed too.
func sample(w *world, op *ops.Operation) any {
	account := ops.OfAccount{Account: string(w.account.ID)}
	shop := ops.OfEnvironment{Environment: "shop"}
	layer := ops.OfLayer{Environment: "shop", Layer: string(w.layer.ID)}
	viewer := ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members["limited"].ID)}
	secret := holm.NewSecret(password)
	switch op.Name {
	case "user.sign_up":
		in := &ops.UserSignUpInput{}
		in.Body.Email = "new@example.org"
		return in
	case "user.show":
		return &ops.UserShowInput{}
	case "user.update":
		in, name := &ops.UserUpdateInput{}, "Somebody"
		in.Body.Name = &name
		return in
	case "session.create":
		in := &ops.SessionCreateInput{}
		in.Body.Email, in.Body.Password = "owner@example.org", secret
		return in
	case "session.list":
		return &ops.SessionListInput{}
	case "session.delete":
		return &ops.SessionDeleteInput{Session: "current"}
	case "password.forget":
		in := &ops.PasswordForgetInput{}
		in.Body.Email = "owner@example.org"
		return in
	case "password.reset":
		in := &ops.PasswordResetInput{Token: holm.NewSecret("reset")}
		in.Body.Password = secret
		return in
	case "session.begin":
		return &ops.SessionBeginInput{}
	case "token.list":
		return &ops.TokenListInput{}
	case "token.create":
		in := &ops.TokenCreateInput{}
		in.Body.Name, in.Body.Permissions = "deploy", []string{"deploy.git"}
		return in
	case "token.delete":
		return &ops.TokenDeleteInput{Token: "tok_of_nobody"}
	case "totp.enable":
		return &ops.TOTPEnableInput{}
	case "totp.disable":
		in := &ops.TOTPDisableInput{}
		in.Body.CurrentPassword = secret
		return in
	case "passkey.create":
		return &ops.PasskeyCreateInput{}
	case "passkey.update":
		in := &ops.PasskeyUpdateInput{Passkey: "pas_of_nobody"}
		in.Body.Name = "Phone"
		return in
	case "passkey.delete":
		in := &ops.PasskeyDeleteInput{Passkey: "pas_of_nobody"}
		in.Body.CurrentPassword = secret
		return in
	case "recovery.create":
		in := &ops.RecoveryCreateInput{}
		in.Body.CurrentPassword = secret
		return in
	case "identity.link":
		in := &ops.IdentityLinkInput{}
		in.Body.State, in.Body.Code = "state", holm.NewSecret("code")
		return in
	case "identity.unlink":
		return &ops.IdentityUnlinkInput{Identity: "idn_of_nobody"}
	case "user.security":
		return &ops.UserSecurityInput{}
	case "account.security":
		return &ops.AccountSecurityInput{OfAccount: account}
	case "account.secure":
		in := &ops.AccountSecureInput{OfAccount: account}
		in.Body.SecondFactorRequired = true
		return in
	case "collaborator.list":
		return &ops.CollaboratorListInput{OfAccount: account}
	case "collaborator.show":
		return &ops.CollaboratorShowInput{OfCollaborator: viewer}
	case "collaborator.invite":
		in := &ops.CollaboratorInviteInput{OfAccount: account}
		in.Body.Email = "new@example.org"
		return in
	case "invitation.preview":
		in := &ops.InvitationPreviewInput{OfAccount: account}
		in.Body.Email, in.Body.AllEnvironments = "new@example.org", "limited"
		return in
	case "collaborator.resend":
		return &ops.CollaboratorResendInput{OfCollaborator: ops.OfCollaborator{Account: account.Account, Collaborator: "pending@example.org"}}
	case "collaborator.update":
		in := &ops.CollaboratorUpdateInput{OfCollaborator: viewer}
		in.Body.Role = "admin"
		return in
	case "collaborator.remove":
		return &ops.CollaboratorRemoveInput{OfCollaborator: viewer}
	case "collaborator.share":
		in := &ops.CollaboratorShareInput{OfCollaborator: viewer}
		in.Body.Environments = []ops.Share{{Environment: "shop", Level: "full"}}
		return in
	case "invitation.show":
		return &ops.InvitationShowInput{Token: holm.NewSecret("pending")}
	case "invitation.accept":
		in := &ops.InvitationAcceptInput{Token: holm.NewSecret("pending")}
		in.Body.Password = secret
		return in
	case "invitation.decline":
		return &ops.InvitationDeclineInput{Token: holm.NewSecret("pending")}
	case "collaboration.list":
		return &ops.CollaborationListInput{}
	case "collaboration.leave":
		return &ops.CollaborationLeaveInput{Account: string(w.account.ID)}
	case "environment.sharing":
		return &ops.EnvironmentSharingInput{OfEnvironment: shop}
	case "environment.share":
		in := &ops.EnvironmentShareInput{OfEnvironment: shop}
		in.Body.Collaborators = []ops.PersonShare{{Collaborator: string(w.members["limited"].ID), Level: "full"}}
		return in
	case "level.list":
		return &ops.LevelListInput{OfAccount: account}
	case "level.create":
		return &ops.LevelCreateInput{OfAccount: account, Body: ops.LevelBody{Name: "Support", Permissions: []string{"logs.view"}}}
	case "level.update":
		return &ops.LevelUpdateInput{OfLevel: ops.OfLevel{Account: account.Account, Level: "Deploy only"}, Body: ops.LevelChange{Name: "Deploy", Permissions: []string{"deploy.git"}}}
	case "level.delete":
		return &ops.LevelDeleteInput{OfLevel: ops.OfLevel{Account: account.Account, Level: "Deploy only"}}
	case "group.list":
		return &ops.GroupListInput{OfAccount: account}
	case "group.create":
		in := &ops.GroupCreateInput{OfAccount: account}
		in.Body.Name, in.Body.Environments = "Testers", []ops.Share{{Environment: "shop", Level: "limited"}}
		return in
	case "group.update":
		in := &ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: account.Account, Group: "Developers"}}
		in.Body.Members = []ops.GroupMember{{Collaborator: string(w.members["limited"].ID)}}
		return in
	case "group.delete":
		return &ops.GroupDeleteInput{OfGroup: ops.OfGroup{Account: account.Account, Group: "Developers"}}
	case "collaborator.preview":
		in := &ops.CollaboratorPreviewInput{OfCollaborator: viewer}
		in.Body.Environments = []ops.Share{{Environment: "shop", Level: "none"}}
		return in
	case "environment.preview":
		in := &ops.EnvironmentPreviewInput{OfEnvironment: shop}
		in.Body.Collaborators = []ops.PersonShare{{Collaborator: string(w.members["limited"].ID), Level: "full"}}
		return in
	case "group.preview":
		in := &ops.GroupPreviewInput{OfGroup: ops.OfGroup{Account: account.Account, Group: "Developers"}}
		in.Body.Delete = true
		return in
	case "level.preview":
		in := &ops.LevelPreviewInput{OfLevel: ops.OfLevel{Account: account.Account, Level: "Deploy only"}}
		in.Body.Permissions = []string{"logs.view"}
		return in
	case "access.request":
		in := &ops.AccessRequestInput{OfEnvironment: shop}
		in.Body.Level, in.Body.Minutes, in.Body.Reason = "full", 60, "The shop is down"
		return in
	case "access.requests":
		return &ops.AccessRequestsInput{OfAccount: account}
	case "access.answer":
		in := &ops.AccessAnswerInput{OfAccount: account, Request: w.request}
		in.Body.Approve = true
		return in
	case "access.trim":
		in := &ops.AccessTrimInput{OfCollaborator: viewer}
		in.Body.Environment = "shop"
		return in
	case "view.start":
		return &ops.ViewStartInput{OfCollaborator: viewer}
	case "view.show":
		return &ops.ViewShowInput{}
	case "view.end":
		return &ops.ViewEndInput{}
	case "access.asked":
		return &ops.AccessAskedInput{}
	case "access.withdraw":
		return &ops.AccessWithdrawInput{Request: w.request}
	case "access.review":
		return &ops.AccessReviewInput{OfAccount: account}
	case "access.why":
		return &ops.AccessWhyInput{OfEnvironment: shop, Operation: "environment.delete"}
	case "environment.list":
		return &ops.EnvironmentListInput{}
	case "environment.create":
		in := &ops.EnvironmentCreateInput{OfAccount: account}
		in.Body.Name, in.Body.Layers = "blog", []ops.LayerInput{{Role: "app", Stack: "static"}}
		return in
	case "environment.show":
		return &ops.EnvironmentShowInput{OfEnvironment: shop}
	case "environment.update":
		in, alias := &ops.EnvironmentUpdateInput{OfEnvironment: shop}, "The shop"
		in.Body.Alias = &alias
		return in
	case "environment.start":
		return &ops.EnvironmentStartInput{OfEnvironment: shop}
	case "environment.stop":
		return &ops.EnvironmentStopInput{OfEnvironment: shop}
	case "environment.delete":
		return &ops.EnvironmentDeleteInput{OfEnvironment: shop, Confirm: "shop"}
	case "environment.restore":
		in := ops.EnvironmentDeleteInput{OfEnvironment: shop, Confirm: "shop"}
		if _, err := call(w, "owner", ops.EnvironmentDelete, in); err != nil && holm.CodeOf(err) != holm.CodeNotFound {
			w.t.Fatal(err) // not found: it is deleted already
		}
		return &ops.EnvironmentRestoreInput{OfDeleted: ops.OfDeleted{Environment: "shop"}}
	case "environment.clone":
		in := &ops.EnvironmentCloneInput{OfEnvironment: shop}
		in.Body.Name = "shop-copy"
		return in
	case "environment.events":
		return &ops.EnvironmentEventsInput{OfEnvironment: shop}
	case "credential.list":
		return &ops.CredentialListInput{OfCollaborator: viewer}
	case "credential.rotate":
		return &ops.CredentialRotateInput{OfCollaborator: viewer}
	case "variable.list":
		return &ops.VariableListInput{OfEnvironment: shop, Values: true}
	case "variable.set":
		in := &ops.VariableSetInput{OfEnvironment: shop}
		in.Body.Variables = []ops.VariableInput{{Name: "KEY", Value: secret}}
		return in
	case "transfer.request":
		w.noOffer()
		in := &ops.TransferRequestInput{OfEnvironment: shop}
		in.Body.Email = "stranger@example.org"
		return in
	case "transfer.cancel":
		w.offer("stranger@example.org")
		return &ops.TransferCancelInput{OfEnvironment: shop}
	case "transfer.show":
		return &ops.TransferShowInput{Token: w.offer("stranger@example.org")}
	case "transfer.accept":
		return &ops.TransferAcceptInput{Token: w.offer("stranger@example.org")}
	case "transfer.decline":
		return &ops.TransferDeclineInput{Token: w.offer("stranger@example.org")}
	case "layer.scale":
		in := &ops.LayerScaleInput{OfLayer: layer}
		in.Body.Nodes = 2
		return in
	case "layer.add":
		in := &ops.LayerAddInput{OfEnvironment: shop}
		in.Body = ops.LayerInput{Role: "balancer", Stack: "balancer"}
		return in
	case "layer.remove":
		w.write(func(tx *store.Tx) error { // a second one, since the last layer stays
			_, err := tx.CreateLayer(holm.Layer{Environment: w.shop.ID, Role: holm.LayerCustom, Stack: "static", Version: "1", Cloudlets: 1}, 7, 1)
			return err
		})
		return &ops.LayerRemoveInput{OfLayer: layer, Confirm: string(w.layer.Role)}
	case "node.remove":
		var second holm.NodeID
		w.write(func(tx *store.Tx) error { // a second one, since the first stays
			l, err := tx.Layer(w.shop.ID, string(w.layer.ID))
			if err != nil {
				return err
			}
			nodes, err := tx.AddNodes(l, 1)
			second = nodes[0].ID
			return err
		})
		return &ops.NodeRemoveInput{OfNode: ops.OfNode{Environment: "shop", Node: second}}
	case "layer.limit":
		in := &ops.LayerLimitInput{OfLayer: layer}
		in.Body.Cloudlets = 3
		return in
	case "layer.restart":
		return &ops.LayerRestartInput{OfLayer: layer}
	case "layer.reset_password":
		return &ops.LayerResetPasswordInput{OfLayer: layer}
	case "node.restart":
		return &ops.NodeRestartInput{OfNode: ops.OfNode{Environment: "shop", Node: w.layer.Nodes[0].ID}}
	case "stack.list":
		return &ops.StackListInput{}
	case "audit.list":
		return &ops.AuditListInput{OfEnvironment: shop}
	case "audit.account":
		return &ops.AuditAccountInput{OfAccount: account}
	case "audit.tail":
		// A tail says nothing until there is a row: there are two at least.
		for range 2 {
			w.write(func(tx *store.Tx) error {
				return tx.Record(store.AuditEntry{Account: w.account.ID, Road: holm.RoadSystem, Operation: "installation.set_up", Result: "0"})
			})
		}
		return &ops.AuditTailInput{OfAccount: account, After: 1}
	case "audit.checkpoint":
		return &ops.AuditCheckpointInput{OfAccount: account}
	case "account.limits":
		return &ops.AccountLimitsInput{OfAccount: account}
	case "operator.audit":
		return &ops.OperatorAuditInput{}
	case "operator.users":
		return &ops.OperatorUsersInput{}
	case "operator.update_user":
		in := &ops.OperatorUpdateUserInput{User: "stranger@example.org"}
		in.Body.Type = "trial"
		return in
	case "operator.status":
		return &ops.OperatorStatusInput{}
	case "operator.mails":
		return &ops.OperatorMailsInput{}
	case "operator.mail":
		in := &ops.OperatorMailInput{}
		w.write(func(tx *store.Tx) (err error) {
			in.Mail, err = tx.WriteMail(store.Mail{Event: rand.Text(), To: "stranger@example.org", Subject: "Hello", Text: "Hello"})
			return err
		})
		return in
	}
	return nil
}

// execute runs an operation as a kind of person and says what came of it.
func execute(w *world, op *ops.Operation, kind string) string {
	t := w.t
	in := sample(w, op)
	if in == nil {
		t.Fatalf("%s has no sample input; add one so that it is executed as everybody", op.Name)
	}
	var err error
	if op.Kind == ops.Session {
		var session *dispatch.Session
		if session, err = w.door.Open(context.Background(), w.people[kind], op, in); err == nil {
			session.Close()
		}
	} else {
		_, err = w.door.Do(context.Background(), w.people[kind], op, in)
	}
	if err == nil {
		return "yes"
	}
	return string(holm.CodeOf(err))
}

// expected says what the permission table wants, for operations that the
// sharing decides; "" for others, whose golden row is looked at by people.
func expected(op *ops.Operation, kind string) string {
	row, ok := access.Lookup(op.Permission)
	if !ok || op.Name == "access.request" && (kind == "owner" || kind == "full") { // nobody asks for what they have
		return ""
	}
	if op == ops.EnvironmentRestore.Operation && kind != "owner" && kind != "nobody" {
		return string(holm.CodeNotFound) // what is deleted does not exist for anybody else
	}
	cell, visible := access.No, false
	byLevel := row.Scope == access.ScopeEnvironment
	switch kind {
	case "owner":
		cell, visible = row.Owner, true
	case "admin":
		cell, visible = row.Upper, true
		if byLevel {
			cell, visible = row.None, false
		}
	case "full":
		cell, visible = row.Lower, true
		if byLevel {
			cell = row.Upper
		}
	case "limited":
		cell, visible = row.Lower, true
	case "none", "expired":
		cell, visible = row.Lower, true
		if byLevel {
			cell, visible = row.None, false
		}
	case "nobody":
		return string(holm.CodeUnauthorized)
	}
	switch {
	case cell != access.No:
		return "yes"
	case visible:
		return string(holm.CodeForbidden)
	}
	return string(holm.CodeNotFound)
}

// spent says whether a world has changed by executing an operation; the next
// one needs a new one. What is restored was deleted by its sample.
func spent(op *ops.Operation, got string) bool {
	return op.Kind == ops.Change && got == "yes" || op == ops.EnvironmentRestore.Operation
}

var answered struct {
	sync.Once
	said map[string]map[string]string
}

// answers are what the door says to every operation as every kind of person,
// found out once.
func answers(t *testing.T) map[string]map[string]string {
	answered.Do(func() {
		said := map[string]map[string]string{}
		var w *world // one serves until somebody has changed something in it
		for _, op := range ops.All() {
			if !op.Built {
				continue
			}
			said[op.Name] = map[string]string{}
			for _, kind := range kinds {
				if w == nil {
					w = newWorld(t)
				}
				got := execute(w, op, kind)
				said[op.Name][kind] = got
				if spent(op, got) {
					w = nil
				}
			}
		}
		answered.said = said
	})
	if answered.said == nil {
		t.Fatal("the door could not be asked; see the first failure")
	}
	return answered.said
}

// TestMatrix executes every operation as every kind of person, compares each
// cell with the permission table, and the whole with docs/permissions.md. A
// changed cell is a changed line there.
func TestMatrix(t *testing.T) {
	var doc strings.Builder
	doc.WriteString("# Who may do what\n\nThis table is made by executing every operation as every kind of person against a real store. `yes`: it was done. `forbidden`: refused, with the reason. `not_found`: the answer is the same as for something that does not exist. `unauthorized`: sign in first. REST, the command line and the dashboard's forms are tried too and give the same answers.\n\nThe shop is Ana's. *owner*: Ana. *admin*: a collaborator with role admin and no level in the shop. *full*, *limited*, *none*: viewers with that level. *suspended*: an admin with level full whose collaboration is suspended. *expired*: a viewer whose level full has ended. *operator*: runs the installation and has no part in the account. *nobody*: not signed in.\n\n")
	doc.WriteString("| operation | permission | " + strings.Join(kinds, " | ") + " |\n|---|---|" + strings.Repeat("---|", len(kinds)) + "\n")
	said := answers(t)
	for _, op := range ops.All() {
		if !op.Built {
			continue
		}
		fmt.Fprintf(&doc, "| %s | %s |", op.Name, op.Permission)
		for _, kind := range kinds {
			got := said[op.Name][kind]
			if want := expected(op, kind); want != "" && got != want {
				t.Errorf("%s as %s: %s, the permission table wants %s", op.Name, kind, got, want)
			}
			fmt.Fprintf(&doc, " %s |", got)
		}
		doc.WriteString("\n")
	}
	golden(t, "../../docs/permissions.md", doc.String())
}

// golden compares with a file that is kept, or writes it with
// HOLM_UPDATE_GOLDEN=1.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("HOLM_UPDATE_GOLDEN") != "" {
		must(t, os.MkdirAll("../../docs", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if string(want) != got {
		t.Errorf("%s has changed; look at the difference and run make generate:\n%s", path, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "-" + a[i] + "\n+" + b[i]
		}
	}
	return fmt.Sprintf("%d lines were kept, %d came out", len(a), len(b))
}
