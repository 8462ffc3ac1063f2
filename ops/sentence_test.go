package ops_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

func TestSentences(t *testing.T) {
	type detail = map[string]any
	for want, r := range map[string]ops.AuditRow{
		"started shop": {Operation: "environment.start", Target: "shop", Result: "0", Detail: detail{"environment": "shop"}},
		"scaled app of shop: nodes 2 → 3": {Operation: "layer.scale", Target: "shop app", Result: "0",
			Detail: detail{"environment": "shop", "layer": "app", "changes": []any{map[string]any{"what": "nodes", "was": 2.0, "now": 3.0}}}},
		"shared environments with bob@example.org: shop none → limited, blog full → none": {Operation: "collaborator.share", Target: "bob@example.org", Result: "0",
			Detail: detail{"changes": []holm.AuditChange{{What: "level", Of: "shop", Was: "none", Now: "limited"}, {What: "level", Of: "blog", Was: "full", Now: "none"}}}},
		"changed the sharing of shop: a 1 → 2, b 1 → 2, c 1 → 2, and 1 more": {Operation: "environment.share", Target: "shop", Result: "0",
			Detail: detail{"changes": []holm.AuditChange{{What: "level", Of: "a", Was: 1, Now: 2}, {What: "level", Of: "b", Was: 1, Now: 2}, {What: "level", Of: "c", Was: 1, Now: 2}, {What: "level", Of: "d", Was: 1, Now: 2}}}},
		"changed shop: alias nothing → The shop": {Operation: "environment.update", Target: "shop", Result: "0",
			Detail: detail{"environment": "shop", "changes": []any{map[string]any{"what": "alias", "was": "", "now": "The shop"}}}},
		"tried to delete shop and was refused": {Operation: "environment.delete", Target: "shop", Result: "forbidden",
			Detail: detail{"environment": "shop", "error": "You may not …", "permission": "environment.delete", "reason": "…"}},
		"tried to scale app of shop (nodes 40) beyond what the account may have": {Operation: "layer.scale", Target: "shop app", Result: "quota_exceeded",
			Detail: detail{"environment": "shop", "layer": "lay_0190aaaabbbbccccddddeeeeffff0000", "nodes": 40.0, "was_nodes": 2.0}},
		"tried to scale a layer of shop (nodes 3) and was refused": {Operation: "layer.scale", Target: "shop", Result: "forbidden",
			Detail: detail{"environment": "shop", "layer": "lay_0190aaaabbbbccccddddeeeeffff0000", "nodes": 3.0}},
		"tried to restart node 12 of shop and was refused": {Operation: "node.restart", Target: "shop", Result: "forbidden", Detail: detail{"environment": "shop", "node": "12"}},
		"tried to look at nothing and found nothing there": {Operation: "environment.show", Target: "nothing", Result: "not_found"},
		"tried to sign in and was not let in":              {Operation: "session.create", Target: "ana@example.org", Result: "unauthorized", Detail: detail{"email": "ana@example.org", "password": "••••••"}},
		"tried to share environments with bob@example.org (shop full) and was refused": {Operation: "collaborator.share", Target: "me", Result: "forbidden",
			Detail: detail{"collaborator": "bob@example.org", "environments": []any{map[string]any{"environment": "shop", "level": "full"}}}},
		"began to look as bob@example.org":                     {Operation: "view.start", Target: "bob@example.org", Result: "0", Detail: detail{"collaborator": "col_0190aaaabbbbccccddddeeeeffff0000"}},
		"offered shop to bob@example.org":                      {Operation: "transfer.request", Target: "shop", Result: "0", Detail: detail{"environment": "shop", "email": "bob@example.org"}},
		"set a new password of database of shop and mailed it": {Operation: "layer.password_set", Target: "shop database", Result: "0", Detail: detail{"environment": "shop", "login": "postgres"}},
		"could not bring shop to what was wanted":              {Operation: "environment.fail", Target: "shop", Result: "unavailable"},
		"no.such.operation":                                    {Operation: "no.such.operation", Result: "0"},
	} {
		if r.Operation == "layer.scale" && r.Result == "quota_exceeded" {
			r.Result = string(holm.CodeQuota)
		}
		if got := ops.Sentence(r); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Every operation has a verb that can be told as an attempt.
func TestEveryVerbHasAnInfinitive(t *testing.T) {
	for _, op := range ops.All() {
		if !op.Built {
			continue
		}
		verb, _, _ := strings.Cut(op.Done, " ")
		if !ops.KnownVerb(verb) {
			t.Errorf("%s: %q begins with a verb whose infinitive is not known; add it in ops/sentence.go", op.Name, op.Done)
		}
	}
}
