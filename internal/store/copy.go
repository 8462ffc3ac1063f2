package store

import (
	"encoding/json"

	"github.com/holmhq/holm"
)

// CopyLayer adds to an environment a layer like one of another, whose nodes
// begin with the files of the other's.
func (tx *Tx) CopyLayer(to holm.EnvironmentID, l holm.Layer, position int) error {
	l.Environment = to
	fresh, err := tx.CreateLayer(holm.Layer{Environment: to, Role: l.Role, Stack: l.Stack, Version: l.Version, Cloudlets: l.Cloudlets}, position, len(l.Nodes))
	if err != nil {
		return err
	}
	for i, n := range fresh.Nodes {
		if _, err := tx.exec("copy node", `UPDATE nodes SET copy_of = $3, state = 'cloning' WHERE environment_id = $1 AND id = $2`, to, n.ID, l.Nodes[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// CopyMade notes that an environment has the files of its original, and what
// is to be said of that.
func (tx *Tx) CopyMade(id holm.EnvironmentID, r holm.CopyReport) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.exec("note copy", `UPDATE environments SET copy_of = '', report = $2 WHERE id = $1`, id, string(raw))
	return err
}

// CopyReport reads how an environment was made a copy; ErrNone when it was
// not.
func (tx *Tx) CopyReport(id holm.EnvironmentID) (r holm.CopyReport, err error) {
	text := ""
	if err := tx.one("read copy", `SELECT report FROM environments WHERE id = $1`, []any{id}, &text); err != nil {
		return r, err
	}
	if text == "" {
		return r, ErrNone
	}
	return r, json.Unmarshal([]byte(text), &r)
}

// CopiedNow says whether a copy of an environment is being made.
func (tx *Tx) CopiedNow(id holm.EnvironmentID) (bool, error) {
	var n int
	err := tx.one("look for copies", `SELECT COUNT(*) FROM environments WHERE copy_of = $1 AND copy_of <> '' AND erased_at = 0`, []any{id}, &n)
	return n > 0, err
}
