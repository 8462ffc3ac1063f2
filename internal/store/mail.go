package store

import (
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Mail is a mail that was written, sent or not.
type Mail struct {
	ID        string
	Event     string // unique: what happened and for whom
	To        string
	ToName    string
	Subject   string
	Text      string
	HTML      string
	CreatedAt time.Time
	SentAt    time.Time
	FailedAt  time.Time // given up for good
	Attempts  int
	LastError string
}

const mailColumns = `id, event, recipient, name, subject, text, html, created_at, sent_at, failed_at, attempts, last_error`

func scanMail(row scanner) (m Mail, err error) {
	err = row.Scan(&m.ID, &m.Event, &m.To, &m.ToName, &m.Subject, &m.Text, &m.HTML, moment{&m.CreatedAt}, moment{&m.SentAt}, moment{&m.FailedAt}, &m.Attempts, &m.LastError)
	return m, err
}

// WriteMail keeps a mail to be sent. For an event that has one already it
// does nothing and gives "".
func (tx *Tx) WriteMail(m Mail) (string, error) {
	m.ID = newID("mai")
	n, err := tx.exec("write mail", `INSERT INTO mails (id, event, recipient, name, subject, text, html, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (event) DO NOTHING`,
		m.ID, m.Event, m.To, m.ToName, m.Subject, m.Text, m.HTML, micros(tx.now))
	if err != nil || n == 0 {
		return "", err
	}
	return m.ID, nil
}

// Mail finds a mail; ErrNone when there is none.
func (tx *Tx) Mail(id string) (Mail, error) {
	m, err := scanMail(tx.row(`SELECT `+mailColumns+` FROM mails WHERE id = $1`, id))
	return m, none(err)
}

// MailSent notes that a mail went out. With forget its body is removed, since
// it may hold a link that is as good as a password.
func (tx *Tx) MailSent(id string, forget bool) error {
	query := `UPDATE mails SET sent_at = $2, attempts = attempts + 1, last_error = '' WHERE id = $1`
	if forget {
		query = `UPDATE mails SET sent_at = $2, attempts = attempts + 1, last_error = '', text = '', html = '' WHERE id = $1`
	}
	_, err := tx.exec("mail sent", query, id, micros(tx.now))
	return err
}

// MailFailed notes a failed attempt; final when no other will follow.
func (tx *Tx) MailFailed(id, reason string, final bool) error {
	failed := int64(0)
	if final {
		failed = micros(tx.now)
	}
	_, err := tx.exec("mail failed", `UPDATE mails SET attempts = attempts + 1, last_error = $2, failed_at = $3 WHERE id = $1`, id, reason, failed)
	return err
}

// ForgetMail removes the body of a mail that will never be sent.
func (tx *Tx) ForgetMail(id string) error {
	_, err := tx.exec("forget mail", `UPDATE mails SET text = '', html = '' WHERE id = $1`, id)
	return err
}

// Mails lists mails, the newest first, older than the given one.
func (tx *Tx) Mails(before string, limit int) ([]Mail, error) {
	return many(tx, "list mails", `SELECT `+mailColumns+` FROM mails WHERE ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2`, []any{before, limit}, scanMail)
}

// UnsentMails lists mails that wait to be sent, for the start of the program.
func (tx *Tx) UnsentMails(limit int) ([]string, error) {
	return many(tx, "list unsent mails", `SELECT id FROM mails WHERE sent_at = 0 AND failed_at = 0 ORDER BY id LIMIT $1`, []any{limit}, func(row scanner) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// FailingMails counts mails that could not be sent yet, with what the last
// attempt at the newest of them said.
func (tx *Tx) FailingMails() (n int, reason string, err error) {
	const failing = ` FROM mails WHERE sent_at = 0 AND failed_at = 0 AND attempts > 0`
	err = tx.one("count failing mails", `SELECT COUNT(*), COALESCE((SELECT last_error`+failing+` ORDER BY id DESC LIMIT 1), '')`+failing, nil, &n, &reason)
	return n, reason, err
}
