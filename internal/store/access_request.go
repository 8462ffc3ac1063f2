package store

import (
	"time"

	"github.com/holmhq/holm"
)

const requestColumns = `r.id, r.account_id, r.collaborator_id, c.email, COALESCE(c.user_id, ''), r.environment_id, r.name, r.level, COALESCE(l.name, r.level), r.permission,
	r.minutes, r.reason, r.status, r.glass, r.created_at, r.answered_at, COALESCE(w.email, ''), r.answer, r.until_at`

const requestFrom = ` FROM access_requests r JOIN collaborators c ON c.id = r.collaborator_id LEFT JOIN levels l ON l.id = r.level LEFT JOIN users w ON w.id = r.answered_by `

func scanRequest(row scanner) (r holm.AccessRequest, err error) {
	var minutes int64
	err = row.Scan(&r.ID, &r.Account, &r.Collaborator, &r.Email, &r.User, &r.Environment, &r.EnvironmentName, &r.Level, &r.LevelName, &r.Permission,
		&minutes, &r.Reason, &r.Status, &r.Glass, moment{&r.CreatedAt}, moment{&r.AnsweredAt}, &r.AnsweredBy, &r.Answer, moment{&r.Until})
	r.For = time.Duration(minutes) * time.Minute
	return r, err
}

// PutRequest keeps what a collaborator asks for.
func (tx *Tx) PutRequest(r holm.AccessRequest) (holm.AccessRequest, error) {
	r.ID, r.CreatedAt = newID("req"), tx.now
	_, err := tx.exec("put request", `INSERT INTO access_requests (id, account_id, collaborator_id, environment_id, name, level, permission, minutes, reason, status, glass, created_at, until_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, r.ID, r.Account, r.Collaborator, r.Environment, r.EnvironmentName, string(r.Level), r.Permission,
		int64(r.For/time.Minute), r.Reason, string(r.Status), r.Glass, micros(tx.now), micros(r.Until))
	return r, err
}

// AnswerRequest writes the answer to a request; until is the end of what was
// approved.
func (tx *Tx) AnswerRequest(id string, status holm.RequestStatus, answer string, until time.Time, by holm.UserID) error {
	_, err := tx.exec("answer request", `UPDATE access_requests SET status = $2, answer = $3, until_at = $4, answered_by = $5, answered_at = $6 WHERE id = $1`,
		id, string(status), answer, micros(until), by, micros(tx.now))
	return err
}

// EndRequests ends for good what a collaborator has on request, and gives what
// it ended: in one environment, or in all with "", and with glass only what
// they gave themselves. What waits for an answer goes on waiting.
func (tx *Tx) EndRequests(c holm.CollaboratorID, e holm.EnvironmentID, glass bool, answer string, by holm.UserID) ([]holm.AccessRequest, error) {
	list, err := many(tx, "list what is on request", `SELECT `+requestColumns+requestFrom+`WHERE r.collaborator_id = $1 AND r.status = 'approved' AND r.until_at > $2
		AND ($3 = '' OR r.environment_id = $3) AND (r.glass OR NOT $4) ORDER BY r.id`, []any{c, micros(tx.now), e, glass}, scanRequest)
	for _, r := range list {
		if err == nil {
			err = tx.AnswerRequest(r.ID, holm.RequestRefused, answer, time.Time{}, by)
		}
	}
	return list, err
}

// Request finds a request of an account; not found when there is none.
func (tx *Tx) Request(account holm.AccountID, id string) (holm.AccessRequest, error) {
	r, err := scanRequest(tx.row(`SELECT `+requestColumns+requestFrom+`WHERE r.account_id = $1 AND r.id = $2`, account, id))
	return r, notFound(none(err))
}

// Requests lists requests of an account, the newest first, before the given
// one. Status "" means those that are open, or approved and not over.
func (tx *Tx) Requests(account holm.AccountID, status, before string, limit int) ([]holm.AccessRequest, error) {
	return many(tx, "list requests", `SELECT `+requestColumns+requestFrom+`WHERE r.account_id = $1 AND ($2 = '' OR r.id < $2)
		AND ($3 = 'all' OR r.status = $3 OR ($3 = '' AND (r.status = 'open' OR r.status = 'approved' AND r.until_at > $4)))
		ORDER BY r.id DESC LIMIT $5`, []any{account, before, status, micros(tx.now), limit}, scanRequest)
}

// RequestsOf lists what a person asked for on other people's accounts, the
// newest first, before the given one. With account, environment (its id or
// name) or id set only those.
func (tx *Tx) RequestsOf(user holm.UserID, account holm.AccountID, environment, id, before string, limit int) ([]holm.AccessRequest, error) {
	return many(tx, "list requests of a person", `SELECT `+requestColumns+requestFrom+`WHERE c.user_id = $1 AND c.status = 'active' AND ($2 = '' OR r.account_id = $2)
		AND ($3 = '' OR r.environment_id = $3 OR r.name = $3) AND ($4 = '' OR r.id = $4) AND ($5 = '' OR r.id < $5) ORDER BY r.id DESC LIMIT $6`,
		[]any{user, account, environment, id, before, limit}, scanRequest)
}

// OpenRequests counts what a collaborator waits for.
func (tx *Tx) OpenRequests(c holm.CollaboratorID) (n int, err error) {
	err = tx.one("count requests", `SELECT COUNT(*) FROM access_requests WHERE collaborator_id = $1 AND status = 'open'`, []any{c}, &n)
	return n, err
}
