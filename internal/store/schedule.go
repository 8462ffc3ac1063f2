package store

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/holmhq/holm"
)

// agenda scans a schedule.
type agenda struct{ to *holm.Schedule }

// Scan reads a schedule that is kept as JSON; nothing is none.
func (a agenda) Scan(v any) error {
	*a.to = holm.Schedule{}
	text, ok := v.(string)
	if raw, is := v.([]byte); is {
		text, ok = string(raw), true
	}
	switch {
	case !ok:
		return errors.New("store: a schedule that is no text")
	case text == "":
		return nil
	}
	return json.Unmarshal([]byte(text), a.to)
}

// SetSchedule keeps a schedule, which must be clean, and when something of it
// is due next.
func (tx *Tx) SetSchedule(id holm.EnvironmentID, s holm.Schedule) error {
	text := ""
	if !s.None() {
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		text = string(raw)
	}
	next, _ := s.Next(tx.now)
	_, err := tx.exec("set schedule", `UPDATE environments SET schedule = $2, schedule_at = $3, updated_at = $4 WHERE id = $1`, id, text, micros(next), micros(tx.now))
	return err
}

// Due lists the environments whose schedule has something due, the longest
// waiting first.
func (tx *Tx) Due() ([]holm.Environment, error) {
	return many(tx, "list due schedules", `SELECT `+environmentColumns+environmentFrom+`
		WHERE e.schedule_at <> 0 AND e.deleted_at = 0 AND e.schedule_at <= $1 ORDER BY e.schedule_at`, []any{micros(tx.now)}, scanEnvironment)
}

// Scheduled notes that what was due is done, and when something is due next.
func (tx *Tx) Scheduled(e holm.Environment, next time.Time) error {
	_, err := tx.exec("note schedule", `UPDATE environments SET schedule_at = $2 WHERE id = $1`, e.ID, micros(next))
	return err
}
