package store

import (
	"errors"
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
	Text      string // sealed in the database; not in lists
	HTML      string // the same
	Private   bool   // the text holds a password, which is its receiver's alone
	CreatedAt time.Time
	SentAt    time.Time
	FailedAt  time.Time // given up for good
	Attempts  int
	LastError string
}

// mailPurpose binds a sealed text to its mail: put into another, it does not
// open.
func mailPurpose(id string) string { return "mail " + id }

// mailColumns leave the text out: who lists mails has no use for it.
const mailColumns = `id, event, recipient, name, subject, private, created_at, sent_at, failed_at, attempts, last_error`

func (m *Mail) columns() []any {
	return []any{&m.ID, &m.Event, &m.To, &m.ToName, &m.Subject, &m.Private, moment{&m.CreatedAt}, moment{&m.SentAt}, moment{&m.FailedAt}, &m.Attempts, &m.LastError}
}

func scanMail(row scanner) (m Mail, err error) {
	err = row.Scan(m.columns()...)
	return m, err
}

// WriteMail keeps a mail to be sent, its text sealed. For an event that has
// one already it does nothing and gives "".
func (tx *Tx) WriteMail(m Mail) (string, error) {
	m.ID = newID("mai")
	n, err := tx.exec("write mail", `INSERT INTO mails (id, event, recipient, name, subject, text, html, private, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, TRUE, $9) ON CONFLICT (event) DO NOTHING`,
		m.ID, m.Event, m.To, m.ToName, m.Subject, tx.sealMail(m.ID, m.Text), tx.sealMail(m.ID, m.HTML), m.Private, micros(tx.now))
	if err != nil || n == 0 {
		return "", err
	}
	return m.ID, nil
}

func (tx *Tx) sealMail(id, text string) string {
	if text == "" {
		return ""
	}
	return tx.Seal(mailPurpose(id), []byte(soundText(text)))
}

// ErrSealed says that a text cannot be opened: it was sealed with another key.
var ErrSealed = errors.New("store: sealed with another key")

// Mail finds a mail with its text; ErrNone when there is none, ErrSealed (with
// the rest of the mail) when its text cannot be opened.
func (tx *Tx) Mail(id string) (m Mail, err error) {
	var text, html string
	err = tx.row(`SELECT text, html, `+mailColumns+` FROM mails WHERE id = $1`, id).Scan(append([]any{&text, &html}, m.columns()...)...)
	if err != nil {
		return m, none(err)
	}
	if m.Text, err = tx.openMail(id, text); err == nil {
		m.HTML, err = tx.openMail(id, html)
	}
	return m, err
}

func (tx *Tx) openMail(id, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	plain, err := tx.Unseal(mailPurpose(id), sealed)
	if err != nil {
		return "", ErrSealed
	}
	return string(plain), nil
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

// Mails lists mails without their texts, the newest first, older than the given
// one.
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
