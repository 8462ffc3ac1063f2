// Package audit is the feature of reading the audit log. Rows are written by
// the door alone.
package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Bind binds the feature's operations.
func Bind(d *dispatch.Door) {
	dispatch.Bind(d, ops.AuditList, func(s *dispatch.Scope, in *ops.AuditListInput) (ops.Page[ops.AuditRow], error) {
		return list(s, store.AuditQuery{Account: s.Account.ID, Environment: s.Environment.ID}, in.AuditFilter)
	})
	dispatch.Bind(d, ops.AuditAccount, func(s *dispatch.Scope, in *ops.AuditAccountInput) (ops.Page[ops.AuditRow], error) {
		return list(s, store.AuditQuery{Account: s.Account.ID}, in.AuditFilter)
	})
}

func list(s *dispatch.Scope, q store.AuditQuery, f ops.AuditFilter) (page ops.Page[ops.AuditRow], err error) {
	page.Items = []ops.AuditRow{}
	q.Operation, q.Who, q.Result, q.Limit = f.Operation, f.Who, f.Result, f.Size()+1
	if q.Since, err = parse("since", f.Since); err != nil {
		return page, err
	}
	if q.Until, err = parse("until", f.Until); err != nil {
		return page, err
	}
	if f.Cursor != "" {
		if q.Before, err = parsePlace(f.Cursor); err != nil {
			return page, err
		}
	}
	rows, err := s.Tx.Audit(s.Filter(), q)
	for i, r := range rows {
		if i == f.Size() {
			next := fmt.Sprintf("%d.%d", rows[i-1].Time.UnixMicro(), rows[i-1].Seq)
			page.Next = &next
			break
		}
		page.Items = append(page.Items, View(r))
	}
	return page, err
}

// parsePlace reads a cursor: when the last row of the page before was written
// and its number.
func parsePlace(cursor string) (p store.AuditPlace, err error) {
	at, number, _ := strings.Cut(cursor, ".")
	micros, wrong := strconv.ParseInt(at, 10, 64)
	p.Seq, err = strconv.ParseInt(number, 10, 64)
	if err != nil || wrong != nil || p.Seq < 1 {
		return p, holm.Invalid("cursor", "The cursor is not one that a page before gave.")
	}
	p.Time = time.UnixMicro(micros).UTC()
	return p, nil
}

func parse(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, holm.Invalid(field, "%q is not a time; write it like 2026-01-31T08:00:00Z.", text)
	}
	return t, nil
}

// View shows a row with its sentence.
func View(r store.AuditEntry) ops.AuditRow {
	return ops.AuditRow{ID: strconv.FormatInt(r.Seq, 10), Time: r.Time, Who: ops.Person{ID: string(r.User), Email: r.Email}, Road: string(r.Road),
		Operation: r.Operation, Target: r.Target, Sentence: sentence(r), Result: r.Result, Detail: r.Detail, Address: r.Address}
}

func sentence(r store.AuditEntry) string {
	done := r.Operation
	if op := ops.Lookup(r.Operation); op != nil {
		done = op.Done
	} else if text := bySystem[r.Operation]; text != "" {
		done = text
	}
	environment, _ := r.Detail["environment"].(string)
	if environment == "" {
		environment = r.Target
	}
	target := strings.TrimPrefix(r.Target, environment+" ")
	done = strings.NewReplacer("{environment}", environment, "{target}", target).Replace(done)
	if r.Result != "0" {
		return "was refused: " + done
	}
	return done
}

// bySystem are the sentences of what Holm does by itself.
var bySystem = map[string]string{
	"installation.set_up": "made {target} the first user",
	"collaborator.expire": "let the invitation of {target} end",
	"environment.erase":   "erased {target}",
	"environment.copy":    "copied the files for {target}",
	"environment.fail":    "could not bring {target} to what was wanted",
}
