package store

import (
	"slices"
	"strings"
	"time"
)

// Job is work that must be done at least once.
type Job struct {
	ID        string
	Kind      string
	Args      string    // JSON
	Key       string    // unique among the jobs that are kept, "" for none
	DueAt     time.Time // when it may be taken; while held, when the lease ends
	Attempts  int       // begun so far, the present one included
	Holder    string    // who works on it, "" for nobody
	LastError string
	CreatedAt time.Time
	FailedAt  time.Time // given up for good
}

const jobColumns = `id, kind, args, COALESCE(unique_key, ''), due_at, attempts, holder, last_error, created_at, failed_at`

func scanJob(row scanner) (j Job, err error) {
	err = row.Scan(&j.ID, &j.Kind, &j.Args, &j.Key, moment{&j.DueAt}, &j.Attempts, &j.Holder, &j.LastError, moment{&j.CreatedAt}, moment{&j.FailedAt})
	return j, err
}

// PutJob keeps a job, due at once where it says nothing else. While there is a
// job with the same key it does nothing. It says whether it was kept.
func (tx *Tx) PutJob(j Job) (bool, error) {
	if j.DueAt.IsZero() {
		j.DueAt = tx.now
	}
	n, err := tx.exec("put job", `INSERT INTO jobs (id, kind, args, unique_key, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unique_key) DO NOTHING`,
		newID("job"), j.Kind, j.Args, nullable(j.Key), micros(j.DueAt), micros(tx.now))
	return n > 0, err
}

// HastenJob makes the job of a key due no later than the given moment.
func (tx *Tx) HastenJob(key string, due time.Time) error {
	_, err := tx.exec("hasten job", `UPDATE jobs SET due_at = $2 WHERE unique_key = $1 AND due_at > $2 AND holder = ''`, key, micros(due))
	return err
}

// NextJob gives the moment at which the first job of a kind is due, zero when
// there is none.
func (tx *Tx) NextJob(kind string) (due time.Time, err error) {
	err = tx.one("next job", `SELECT COALESCE(MIN(due_at), 0) FROM jobs WHERE failed_at = 0 AND kind = $1`, []any{kind}, moment{&due})
	return due, err
}

// TakeJobs gives at most limit due jobs of a kind to a holder until the lease
// ends, the longest due first.
func (tx *Tx) TakeJobs(kind, holder string, lease time.Duration, limit int) ([]Job, error) {
	skip := ""
	if tx.dialect == PostgreSQL {
		skip = ` FOR UPDATE SKIP LOCKED`
	}
	list, err := many(tx, "take jobs", `UPDATE jobs SET due_at = $4, holder = $3, attempts = attempts + 1
		WHERE id IN (SELECT id FROM jobs WHERE failed_at = 0 AND kind = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $5`+skip+`)
		RETURNING `+jobColumns, []any{kind, micros(tx.now), holder, micros(tx.now.Add(lease)), limit}, scanJob)
	slices.SortFunc(list, func(a, b Job) int { return strings.Compare(a.ID, b.ID) })
	return list, err
}

// held is how the end of an attempt finds its job. An attempt whose lease was
// lost to another finds nothing.
const held = ` WHERE id = $1 AND holder = $2 AND attempts = $3`

// KeepJob makes the lease of a job end later and says whether it was still
// held.
func (tx *Tx) KeepJob(j Job, lease time.Duration) (bool, error) {
	n, err := tx.exec("keep job", `UPDATE jobs SET due_at = $4`+held, j.ID, j.Holder, j.Attempts, micros(tx.now.Add(lease)))
	return n > 0, err
}

// DropJob forgets a job that is done, unless it is held by another meanwhile.
func (tx *Tx) DropJob(j Job) error {
	_, err := tx.exec("drop job", `DELETE FROM jobs`+held, j.ID, j.Holder, j.Attempts)
	return err
}

// DelayJob lets a job go until it is due again, with the attempts and the
// error it is to be kept with.
func (tx *Tx) DelayJob(j Job, due time.Time, attempts int, reason string) error {
	_, err := tx.exec("delay job", `UPDATE jobs SET holder = '', due_at = $4, attempts = $5, last_error = $6`+held,
		j.ID, j.Holder, j.Attempts, micros(due), attempts, reason)
	return err
}

// FailJob gives a job up for good; it is kept for people to look at, and its
// key is free.
func (tx *Tx) FailJob(j Job, reason string) error {
	_, err := tx.exec("fail job", `UPDATE jobs SET holder = '', failed_at = $4, last_error = $5, unique_key = NULL`+held,
		j.ID, j.Holder, j.Attempts, micros(tx.now), reason)
	return err
}

// Jobs lists jobs that are waiting, being worked on or given up, the oldest
// first, after the given one.
func (tx *Tx) Jobs(after string, limit int) ([]Job, error) {
	return many(tx, "list jobs", `SELECT `+jobColumns+` FROM jobs WHERE id > $1 ORDER BY id LIMIT $2`, []any{after, limit}, scanJob)
}

// SweepJobs forgets jobs that were given up before the given moment.
func (tx *Tx) SweepJobs(before time.Time) error {
	_, err := tx.exec("sweep jobs", `DELETE FROM jobs WHERE failed_at > 0 AND failed_at < $1`, micros(before))
	return err
}

// Work is how work in the background stands.
type Work struct {
	Now      time.Time
	Waiting  int       // for their time, or their turn
	Oldest   time.Time // when the longest due job became so, zero for none
	GivenUp  int       // and kept for people to see
	LastKind string    // of the newest that was given up, and what it said
	LastSaid string
}

// Work counts the jobs.
func (tx *Tx) Work() (w Work, err error) {
	const newest = ` FROM jobs WHERE failed_at > 0 ORDER BY failed_at DESC, id DESC LIMIT 1`
	w.Now = tx.now
	err = tx.one("count jobs", `SELECT COUNT(CASE WHEN failed_at = 0 THEN 1 END), COALESCE(MIN(CASE WHEN failed_at = 0 AND due_at <= $1 THEN due_at END), 0), COUNT(CASE WHEN failed_at > 0 THEN 1 END),
		COALESCE((SELECT kind`+newest+`), ''), COALESCE((SELECT last_error`+newest+`), '') FROM jobs`,
		[]any{micros(tx.now)}, &w.Waiting, moment{&w.Oldest}, &w.GivenUp, &w.LastKind, &w.LastSaid)
	return w, err
}
