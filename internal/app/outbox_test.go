package app

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// A mail may hold a link that is as good as a password: lists have no texts,
// an access token reads none, and each reading is told to whom the mail is.
func TestMailsOfOthersAreReadInTheOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		const link = "http://127.0.0.1:8080/password-resets/as-good-as-a-password"
		var in ops.OperatorMailInput
		w.write(func(tx *store.Tx) (err error) {
			in.Mail, err = tx.WriteMail(store.Mail{Event: "reset", To: "full@example.org", Subject: "A new password", Text: link, HTML: link})
			return err
		})
		list, err := call(w, "operator", ops.OperatorMails, ops.OperatorMailsInput{})
		must(t, err)
		if len(list.Items) != 1 || list.Items[0].ID != in.Mail {
			t.Fatalf("the list is %+v", list)
		}
		for _, narrow := range []func(in *ops.TokenCreateInput){
			func(in *ops.TokenCreateInput) { in.Body.Permissions = []string{"operator"} },
			func(*ops.TokenCreateInput) {},
		} {
			c, _ := w.token("operator", narrow)
			must(t, callAs(w, c, ops.OperatorMails, ops.OperatorMailsInput{}))
			w.refuses("an access token", callAs(w, c, ops.OperatorMail, in), holm.CodeForbidden)
		}
		read, err := call(w, "operator", ops.OperatorMail, in)
		must(t, err)
		if read.Text != link || read.Withheld {
			t.Errorf("the operator reads %+v", read)
		}
		w.refuses("no such mail", callAs(w, w.people["operator"], ops.OperatorMail, ops.OperatorMailInput{Mail: "mai_0"}), holm.CodeNotFound)
		for _, kind := range []string{"operator", "full"} {
			rows := w.audit(w.own(kind))
			found := 0
			for _, row := range rows {
				if row.Operation == "operator.mail" && row.Result == "0" {
					found++
					if row.Email != "operator@example.org" || !strings.Contains(row.Target, `"A new password" to full@example.org`) {
						t.Errorf("the row of %s is %+v", kind, row)
					}
				}
				if text := string(row.Line); strings.Contains(text, "as-good-as-a-password") {
					t.Errorf("a row has the link: %s", text)
				}
			}
			if found != 1 {
				t.Errorf("the log of %s tells %d readings", kind, found)
			}
		}
	})
}

// own is the account of a person.
func (w *world) own(kind string) (id holm.AccountID) {
	w.t.Helper()
	must(w.t, w.store.Read(w.t.Context(), func(tx *store.Tx) error {
		a, err := tx.AccountOf(w.people[kind].User)
		id = a.ID
		return err
	}))
	return id
}
