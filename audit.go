package holm

import (
	"encoding/json"
	"strconv"
	"time"
)

// AuditEntry is one row of an audit log. Account "" is the installation's own
// log.
type AuditEntry struct {
	Account     AccountID
	Seq         int64 // counts the rows of an account from 1, without gaps
	Environment EnvironmentID
	Time        time.Time // to the microsecond
	User        UserID
	Email       string
	Road        Road
	Operation   string
	Target      string
	Result      string // "0" or an error code
	Detail      map[string]any
	Address     string

	// Line is what is hashed of the row and what an export shows of it: see
	// AuditLine. It is set on rows that the store has read or written.
	Line []byte
}

// AuditChange is one thing that a change changed, as it stands in a row's
// detail under "changes".
type AuditChange struct {
	What string `json:"what"`         // "level", "cloudlets", "alias"
	Of   string `json:"of,omitempty"` // what it belongs to, where that is not the row's target: an environment, a person
	Was  any    `json:"was"`
	Now  any    `json:"now"`
}

// auditTime writes all six digits of the second, so that a time has one form.
const auditTime = "2006-01-02T15:04:05.000000Z"

// AuditLine gives the canonical bytes of a row: one JSON object without a line
// break, its members in a fixed order, the detail as it is kept. They are what
// the hash of the row is of, so this format never changes; docs/audit.md
// describes it.
func AuditLine(e AuditEntry, detail string) []byte {
	b := make([]byte, 0, 320+len(detail))
	b = append(b, `{"account":`...)
	b = appendText(b, string(e.Account))
	b = append(b, `,"number":`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `,"time":"`...)
	b = e.Time.UTC().AppendFormat(b, auditTime)
	b = append(b, '"')
	for _, f := range [...]struct{ name, value string }{
		{"environment", string(e.Environment)}, {"user", string(e.User)}, {"email", e.Email}, {"road", string(e.Road)},
		{"operation", e.Operation}, {"target", e.Target}, {"result", e.Result},
	} {
		b = append(append(append(b, `,"`...), f.name...), `":`...)
		b = appendText(b, f.value)
	}
	b = append(append(b, `,"detail":`...), detail...)
	b = append(b, `,"address":`...)
	b = appendText(b, e.Address)
	return append(b, '}')
}

// appendText writes a JSON text; what needs no escape is by far the most.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, err := json.Marshal(s)
			if err != nil {
				panic(err) // a text always has a JSON form
			}
			return append(b, escaped...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
