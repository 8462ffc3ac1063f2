package store

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/holmhq/holm"
)

const accountColumns = `a.id, a.owner_id, o.email, o.name, a.type, a.factor_wanted, a.quota, a.suspended_at, a.created_at`

func accountInto(a *holm.Account) []any {
	return []any{&a.ID, &a.Owner, &a.OwnerEmail, &a.OwnerName, &a.Type, &a.FactorWanted, quota{&a.Quota}, moment{&a.SuspendedAt}, moment{&a.CreatedAt}}
}

func scanAccount(row scanner) (a holm.Account, err error) {
	err = row.Scan(accountInto(&a)...)
	return a, err
}

// Account finds an account by its id or its owner's e-mail address; ErrNone
// when there is none.
func (tx *Tx) Account(name string) (holm.Account, error) {
	where := `a.id = $1`
	if strings.Contains(name, "@") {
		where, name = `o.email_key = $1`, holm.EmailKey(name)
	}
	a, err := scanAccount(tx.row(`SELECT `+accountColumns+` FROM accounts a JOIN users o ON o.id = a.owner_id WHERE `+where, name))
	return a, none(err)
}

// AccountOf finds a person's own account.
func (tx *Tx) AccountOf(user holm.UserID) (holm.Account, error) {
	a, err := scanAccount(tx.row(`SELECT `+accountColumns+` FROM accounts a JOIN users o ON o.id = a.owner_id WHERE a.owner_id = $1`, user))
	return a, none(err)
}

// LockAccount makes changes to one account wait for each other, so that what
// a change has read is still true when it is kept. SQLite has one writer
// anyway.
func (tx *Tx) LockAccount(id holm.AccountID) error {
	if tx.dialect == SQLite {
		return nil
	}
	var got string
	return tx.one("lock account", `SELECT id FROM accounts WHERE id = $1 FOR UPDATE`, []any{id}, &got)
}

// quota scans what an operator has set for an account.
type quota struct{ to *holm.Quota }

// Scan reads JSON; an empty text is nothing set.
func (q quota) Scan(v any) error {
	*q.to = holm.Quota{}
	text, ok := v.(string)
	if raw, bytes := v.([]byte); bytes {
		text, ok = string(raw), true
	}
	switch {
	case !ok && v != nil:
		return errors.New("store: a quota that is no text")
	case text == "":
		return nil
	}
	return json.Unmarshal([]byte(text), q.to)
}

// SetQuota keeps what an operator has set for an account.
func (tx *Tx) SetQuota(id holm.AccountID, q holm.Quota) error {
	text := ""
	if q != (holm.Quota{}) {
		raw, err := json.Marshal(q)
		if err != nil {
			return err
		}
		text = string(raw)
	}
	_, err := tx.exec("set quota", `UPDATE accounts SET quota = $2 WHERE id = $1`, id, text)
	return err
}

// SetAccountType changes what an account may own.
func (tx *Tx) SetAccountType(id holm.AccountID, t holm.AccountType) error {
	_, err := tx.exec("set account type", `UPDATE accounts SET type = $2 WHERE id = $1`, id, string(t))
	return err
}

// WantFactor says whether an account's collaborators need a second factor.
func (tx *Tx) WantFactor(id holm.AccountID, wanted bool) error {
	_, err := tx.exec("want second factor", `UPDATE accounts SET factor_wanted = $2 WHERE id = $1`, id, wanted)
	return err
}
