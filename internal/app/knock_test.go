package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// TestWhoIsTurnedAwayUnknownIsInTheOperatorsLog: the first try of a network in
// an hour is a row at once, the rest one row after the hour, and what was typed
// is in none of them.
func TestWhoIsTurnedAwayUnknownIsInTheOperatorsLog(t *testing.T) {
	w := newWorld(t)
	tries := func(address string) {
		c := dispatch.Caller{Road: holm.RoadAPI, Address: address}
		in := ops.SessionCreateInput{}
		in.Body.Email, in.Body.Password = "hunter2@example.org", holm.NewSecret("typed into the wrong field")
		_, err := dispatch.Call(context.Background(), w.door, c, ops.SessionCreate, in)
		w.refuses("the sign-in", err, holm.CodeUnauthorized)
		reset := ops.PasswordResetInput{Token: holm.NewSecret("junk")}
		reset.Body.Password = holm.NewSecret(password)
		_, err = dispatch.Call(context.Background(), w.door, c, ops.PasswordReset, reset)
		w.refuses("the link", err, holm.CodeGone)
	}
	rows := func() (list []ops.AuditRow) {
		must(t, w.door.TellKnocks(context.Background()))
		page, err := call(w, "operator", ops.OperatorAudit, ops.OperatorAuditInput{})
		must(t, err)
		for _, r := range page.Items {
			if r.Operation == "session.create" || r.Operation == "password.reset" {
				list = append(list, r)
			}
		}
		return list
	}
	for range 7 {
		tries("198.51.100.7")
	}
	tries("2001:db8:1:2::a")
	tries("2001:db8:1:2::b") // the same customer's
	list := rows()
	if len(list) != 4 {
		t.Fatalf("%d rows while the hour lasts: %+v", len(list), list)
	}
	if got := list[3].Sentence; got != "tried to sign in and was not let in" {
		t.Errorf("the first says %q", got)
	}
	w.now = w.now.Add(time.Hour)
	list = rows()
	if len(list) != 8 || len(rows()) != 8 {
		t.Fatalf("%d rows after it", len(list))
	}
	raw, err := json.Marshal(list)
	must(t, err)
	for _, want := range []string{"7 times in the hour from", "2 times in the hour from", "2001:db8:1:2::/64", "198.51.100.7"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("nothing says %q", want)
		}
	}
	if strings.Contains(string(raw), "hunter2") || strings.Contains(string(raw), "wrong field") {
		t.Error("what was typed is kept")
	}
	// A flood from everywhere is a bounded number of rows.
	for i := range 150 {
		c := dispatch.Caller{Road: holm.RoadAPI, Address: fmt.Sprintf("203.0.%d.%d", 100+i/100, i%100)}
		reset := ops.PasswordResetInput{Token: holm.NewSecret("junk")}
		reset.Body.Password = holm.NewSecret(password)
		_, _ = dispatch.Call(context.Background(), w.door, c, ops.PasswordReset, reset)
	}
	before := len(list)
	w.now = w.now.Add(time.Hour)
	must(t, w.door.TellKnocks(context.Background()))
	page, err := call(w, "operator", ops.OperatorAudit, ops.OperatorAuditInput{AuditFilter: ops.AuditFilter{Paging: ops.Paging{Limit: 500}}})
	must(t, err)
	if n := len(page.Items) - before; n < 100 || n > 103 {
		t.Errorf("%d rows of 150 networks", n)
	}
	if s := page.Items[0].Sentence; !strings.Contains(s, "50 times") || !strings.Contains(s, "from 50 networks") {
		t.Errorf("the last says %q", s)
	}
	// Nobody else sees them.
	_, err = call(w, "owner", ops.OperatorAudit, ops.OperatorAuditInput{})
	w.refuses("an owner", err, holm.CodeForbidden)
}

// TestJunkLinksAreSlowedDownAndGoodOnesAreNot: whoever tries links out is told
// to wait; a link that works is taken all the same.
func TestJunkLinksAreSlowedDownAndGoodOnesAreNot(t *testing.T) {
	w := newWorld(t)
	var err error
	for range 12 {
		err = w.resetPassword("junk")
	}
	w.refuses("the twelfth", err, holm.CodeTooMany)
	must(t, w.resetPassword("reset"))
}

// TestOperatorsActsAreInThePersonsOwnLog: whoever is suspended or limited finds
// that in their own log, with who did it.
func TestOperatorsActsAreInThePersonsOwnLog(t *testing.T) {
	w := newWorld(t)
	in := ops.OperatorUpdateUserInput{User: "owner@example.org"}
	no, seven := false, 7
	in.Body.Suspended, in.Body.Quota = &no, &holm.Quota{Environments: &seven}
	_, err := call(w, "operator", ops.OperatorUpdateUser, in)
	must(t, err)
	for _, who := range []string{"owner", "operator"} {
		page, err := call(w, who, ops.AuditAccount, ops.AuditAccountInput{OfAccount: ops.OfAccount{Account: "me"}, AuditFilter: ops.AuditFilter{Operation: "operator.update_user"}})
		must(t, err)
		if len(page.Items) != 1 || page.Items[0].Who.Email != "operator@example.org" || !strings.Contains(page.Items[0].Sentence, "owner@example.org") {
			t.Errorf("%s sees %+v", who, page.Items)
		}
	}
}

// TestWrongPageSizesAreRefused on every list.
func TestWrongPageSizesAreRefused(t *testing.T) {
	w := newWorld(t)
	at := w.serve()
	lists := 0
	for _, op := range ops.All() {
		paged := false
		for _, f := range op.Fields() {
			paged = paged || f.In == "query" && f.Name == "limit"
		}
		if !paged || !w.door.Bound(op.Name) {
			continue
		}
		lists++
		path := strings.NewReplacer("{account}", string(w.account.ID), "{environment}", "shop", "{collaborator}", string(w.members["limited"].ID)).Replace(op.Path)
		person := "owner"
		if op.Noun() == "operator" {
			person = "operator"
		}
		for limit, want := range map[string]int{"-1": 422, "0": 422, "501": 422, "1.5": 422, "ten": 422, "99999999999999999999": 422, "1": 200, "500": 200} {
			r, err := http.NewRequest("GET", at+path+"?limit="+limit, nil)
			must(t, err)
			r.Header.Set("Authorization", "Bearer "+person)
			answer, err := http.DefaultClient.Do(r)
			must(t, err)
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s with limit=%s: %d, want %d", op.Name, limit, answer.StatusCode, want)
			}
		}
	}
	if lists < 8 {
		t.Errorf("only %d lists", lists)
	}
}
