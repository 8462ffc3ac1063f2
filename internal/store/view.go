package store

import (
	"github.com/holmhq/holm"
)

const viewColumns = `v.id, v.session_id, v.owner_id, v.account_id, v.collaborator_id, COALESCE(c.user_id, ''), c.email, COALESCE(u.name, ''), v.started_at, v.until_at, v.ended_at`

const viewFrom = ` FROM views v JOIN collaborators c ON c.id = v.collaborator_id LEFT JOIN users u ON u.id = c.user_id `

func scanView(row scanner) (v holm.View, err error) {
	err = row.Scan(&v.ID, &v.Session, &v.Owner, &v.Account, &v.Collaborator, &v.User, &v.Email, &v.Name, moment{&v.StartedAt}, moment{&v.Until}, moment{&v.EndedAt})
	return v, err
}

// PutView begins a view. Its sign-in must not have another.
func (tx *Tx) PutView(v holm.View) (holm.View, error) {
	v.ID, v.StartedAt = newID("viw"), tx.now
	_, err := tx.exec("begin view", `INSERT INTO views (id, session_id, owner_id, account_id, collaborator_id, started_at, until_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		v.ID, v.Session, v.Owner, v.Account, v.Collaborator, micros(v.StartedAt), micros(v.Until))
	return v, err
}

// ViewIn finds the view that a sign-in is held by, also one that has ended by
// itself; ErrNone when it is its owner's own.
func (tx *Tx) ViewIn(session string) (holm.View, error) {
	v, err := scanView(tx.row(`SELECT `+viewColumns+viewFrom+`WHERE v.session_id = $1 AND v.left_at = 0`, session))
	return v, none(err)
}

// LeaveView gives a sign-in back to its owner, and ends the view where it has
// not ended yet.
func (tx *Tx) LeaveView(id string) error {
	_, err := tx.exec("leave view", `UPDATE views SET left_at = $2, ended_at = CASE WHEN ended_at = 0 THEN $2 ELSE ended_at END WHERE id = $1`, id, micros(tx.now))
	return err
}

// OverViews lists views whose time is up, or whose sign-in is gone, and whose
// end nobody has noted.
func (tx *Tx) OverViews(limit int) ([]holm.View, error) {
	return many(tx, "list views that are over", `SELECT `+viewColumns+viewFrom+`WHERE v.ended_at = 0
		AND (v.until_at <= $1 OR NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = v.session_id)) ORDER BY v.until_at LIMIT $2`, []any{micros(tx.now), limit}, scanView)
}

// EndView notes that a view ended by itself. Its sign-in stays held.
func (tx *Tx) EndView(id string) error {
	_, err := tx.exec("end view", `UPDATE views SET ended_at = $2 WHERE id = $1 AND ended_at = 0`, id, micros(tx.now))
	return err
}
