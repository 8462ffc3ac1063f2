package store

import (
	"strings"
	"time"

	"github.com/holmhq/holm"
)

const collaboratorColumns = `c.id, c.account_id, COALESCE(c.user_id, ''), c.email, COALESCE(cu.name, c.past_name), c.role, c.status, c.until_at,
	c.wide_level, c.wide_until, c.breaks_glass, c.invited_by, c.link_until, c.created_at, c.accepted_at, COALESCE(cu.seen_at, c.past_seen_at), COALESCE(cu.factor, FALSE)`

const collaboratorFrom = ` FROM collaborators c LEFT JOIN users cu ON cu.id = c.user_id `

func collaboratorInto(c *holm.Collaborator) []any {
	return []any{&c.ID, &c.Account, &c.User, &c.Email, &c.Name, &c.Role, &c.Status, moment{&c.Until},
		&c.Wide, moment{&c.WideUntil}, &c.Glass, &c.InvitedBy, moment{&c.LinkUntil}, moment{&c.CreatedAt}, moment{&c.AcceptedAt}, moment{&c.LastSeenAt}, &c.Factor}
}

func scanCollaborator(row scanner) (c holm.Collaborator, err error) {
	err = row.Scan(collaboratorInto(&c)...)
	return c, err
}

// Collaborator finds a collaborator of an account by id or e-mail address;
// not found when there is none.
func (tx *Tx) Collaborator(account holm.AccountID, name string) (holm.Collaborator, error) {
	where := `c.id = $2`
	if strings.Contains(name, "@") {
		where, name = `c.email_key = $2`, holm.EmailKey(name)
	}
	c, err := scanCollaborator(tx.row(`SELECT `+collaboratorColumns+collaboratorFrom+`WHERE c.account_id = $1 AND `+where, account, name))
	if err != nil {
		return c, notFound(none(err))
	}
	return c, tx.countShared([]*holm.Collaborator{&c})
}

// CollaboratorOf finds the membership of a user in an account; ErrNone when
// there is none.
func (tx *Tx) CollaboratorOf(account holm.AccountID, user holm.UserID) (holm.Collaborator, error) {
	c, err := scanCollaborator(tx.row(`SELECT `+collaboratorColumns+collaboratorFrom+`WHERE c.account_id = $1 AND c.user_id = $2`, account, user))
	return c, none(err)
}

// CollaboratorByLink finds the pending invitation of a link, also an ended
// one; ErrNone when the link is unknown, used or replaced.
func (tx *Tx) CollaboratorByLink(hash string) (holm.Collaborator, error) {
	c, err := scanCollaborator(tx.row(`SELECT `+collaboratorColumns+collaboratorFrom+`WHERE c.link_hash = $1 AND c.status = 'pending'`, hash))
	return c, none(err)
}

// Collaborators lists an account's collaborators by address. Status "" means
// the open ones, "all" every one.
func (tx *Tx) Collaborators(account holm.AccountID, status, after string, limit int) ([]holm.Collaborator, error) {
	list, err := many(tx, "list collaborators", `SELECT `+collaboratorColumns+collaboratorFrom+`
		WHERE c.account_id = $1 AND c.email_key > $2
		AND ($3 = 'all' OR c.status = $3 OR ($3 = '' AND c.status IN ('pending', 'active', 'suspended')))
		ORDER BY c.email_key LIMIT $4`, []any{account, after, status, limit}, scanCollaborator)
	if err != nil {
		return nil, err
	}
	counted := make([]*holm.Collaborator, len(list))
	for i := range list {
		counted[i] = &list[i]
	}
	return list, tx.countShared(counted)
}

// PutInvitation adds a pending collaborator, or makes one that has ended
// pending again with nothing left of what it had. One that is pending gets
// another link and keeps what it has.
func (tx *Tx) PutInvitation(c holm.Collaborator, linkHash string) (holm.Collaborator, error) {
	open := c.Status == holm.StatusPending
	c.Status, c.CreatedAt, c.User = holm.StatusPending, tx.now, ""
	if c.ID == "" {
		c.ID = holm.CollaboratorID(newID("col"))
		_, err := tx.exec("create invitation", `INSERT INTO collaborators (id, account_id, email, email_key, role, status, until_at, link_hash, link_until, invited_by, created_at)
			VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10)`,
			c.ID, c.Account, c.Email, holm.EmailKey(c.Email), string(c.Role), micros(c.Until), linkHash, micros(c.LinkUntil), c.InvitedBy, micros(tx.now))
		return c, err
	}
	if !open {
		if err := tx.DropAccess(c.ID); err != nil {
			return c, err
		}
	}
	_, err := tx.exec("renew invitation", `UPDATE collaborators SET user_id = NULL, email = $2, role = $3, status = 'pending', until_at = $4,
		link_hash = $5, link_until = $6, invited_by = $7, created_at = $8, accepted_at = 0 WHERE id = $1`,
		c.ID, c.Email, string(c.Role), micros(c.Until), linkHash, micros(c.LinkUntil), c.InvitedBy, micros(tx.now))
	return c, err
}

// SetLink replaces the link of a pending invitation; the old one is dead.
func (tx *Tx) SetLink(id holm.CollaboratorID, hash string, until time.Time) error {
	_, err := tx.exec("set link", `UPDATE collaborators SET link_hash = $2, link_until = $3 WHERE id = $1 AND status = 'pending'`, id, hash, micros(until))
	return err
}

// AcceptInvitation binds a pending invitation to a user and uses its link up.
// It says whether it was still pending. From then on the person's address is
// written as they write it themselves.
func (tx *Tx) AcceptInvitation(id holm.CollaboratorID, user holm.UserID) (bool, error) {
	n, err := tx.exec("accept invitation", `UPDATE collaborators SET user_id = $2, status = 'active', link_hash = NULL, link_until = 0, accepted_at = $3,
		email = (SELECT email FROM users WHERE id = $2)
		WHERE id = $1 AND status = 'pending'`, id, user, micros(tx.now))
	return n > 0, err
}

// SetRole changes a collaborator's role.
func (tx *Tx) SetRole(id holm.CollaboratorID, role holm.Role) error {
	_, err := tx.exec("set role", `UPDATE collaborators SET role = $2 WHERE id = $1`, id, string(role))
	return err
}

// SetStatus changes where a collaboration stands. Ending it also ends its
// link and takes every level away; what the owner knew of the person stays.
func (tx *Tx) SetStatus(id holm.CollaboratorID, status holm.Status) error {
	if !status.Open() {
		if err := tx.keepExposures(id); err != nil {
			return err
		}
		if err := tx.DropAccess(id); err != nil {
			return err
		}
		if _, err := tx.exec("keep what was known", `UPDATE collaborators SET past_name = (SELECT name FROM users WHERE users.id = collaborators.user_id),
			past_seen_at = (SELECT seen_at FROM users WHERE users.id = collaborators.user_id) WHERE id = $1 AND user_id IS NOT NULL`, id); err != nil {
			return err
		}
	}
	_, err := tx.exec("set status", `UPDATE collaborators SET status = $2, link_hash = CASE WHEN $2 = 'pending' THEN link_hash ELSE NULL END,
		user_id = CASE WHEN $2 IN ('pending', 'active', 'suspended') THEN user_id ELSE NULL END WHERE id = $1`, id, string(status))
	return err
}

// ExpireInvitations ends pending invitations whose link has ended and gives
// them.
func (tx *Tx) ExpireInvitations(limit int) ([]holm.Collaborator, error) {
	list, err := many(tx, "list ended invitations", `SELECT `+collaboratorColumns+collaboratorFrom+`
		WHERE c.status = 'pending' AND c.link_until <= $1 ORDER BY c.link_until LIMIT $2`, []any{micros(tx.now), limit}, scanCollaborator)
	for _, c := range list {
		if err == nil {
			err = tx.SetStatus(c.ID, holm.StatusExpired)
		}
	}
	return list, err
}

// Membership is an account somebody works with.
type Membership struct {
	Collaborator holm.Collaborator
	Account      holm.Account
}

// Memberships lists the accounts a user works with, by the owner's address.
func (tx *Tx) Memberships(user holm.UserID) ([]Membership, error) {
	list, err := many(tx, "list memberships", `SELECT `+collaboratorColumns+`, `+accountColumns+collaboratorFrom+`
		JOIN accounts a ON a.id = c.account_id JOIN users o ON o.id = a.owner_id
		WHERE c.user_id = $1 AND c.status IN ('active', 'suspended') ORDER BY o.email_key`, []any{user},
		func(row scanner) (m Membership, err error) {
			err = row.Scan(append(collaboratorInto(&m.Collaborator), accountInto(&m.Account)...)...)
			return m, err
		})
	if err != nil {
		return nil, err
	}
	counted := make([]*holm.Collaborator, len(list))
	for i := range list {
		counted[i] = &list[i].Collaborator
	}
	return list, tx.countShared(counted)
}

// SetCollaborationEnd changes when a collaboration ends by itself; zero is
// never.
func (tx *Tx) SetCollaborationEnd(id holm.CollaboratorID, until time.Time) error {
	_, err := tx.exec("set end", `UPDATE collaborators SET until_at = $2 WHERE id = $1`, id, micros(until))
	return err
}

// SetWide gives a collaborator a level on all environments of the account; ""
// takes it away.
func (tx *Tx) SetWide(id holm.CollaboratorID, level holm.Level, until time.Time) error {
	_, err := tx.exec("set wide level", `UPDATE collaborators SET wide_level = $2, wide_until = $3 WHERE id = $1`, id, string(level), micros(until))
	return err
}

// SetGlass says whether a collaborator may give themselves access for some
// hours.
func (tx *Tx) SetGlass(id holm.CollaboratorID, may bool) error {
	_, err := tx.exec("set glass", `UPDATE collaborators SET breaks_glass = $2 WHERE id = $1`, id, may)
	return err
}

// WithoutFactor lists the active collaborators of an account who have no
// second factor.
func (tx *Tx) WithoutFactor(account holm.AccountID) ([]holm.Collaborator, error) {
	return many(tx, "list collaborators without second factor", `SELECT `+collaboratorColumns+collaboratorFrom+`
		WHERE c.account_id = $1 AND c.status = 'active' AND NOT cu.factor ORDER BY c.email_key`, []any{account}, scanCollaborator)
}
