package site

import (
	"sync"
	"time"
)

// notes keep what a change did until the next page of the same session says
// it. They live in memory only, so that nothing else can write one: a cookie
// could be set by an environment below the base domain.
type notes struct {
	mu      sync.Mutex
	waiting map[string]note
}

type note struct {
	place, text string
	at          time.Time
}

const (
	notesMost = 1000 // sessions with a note waiting
	notesLast = time.Minute
)

func (n *notes) put(session string, t note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == nil || len(n.waiting) >= notesMost {
		n.waiting = map[string]note{}
	}
	n.waiting[session] = t
}

func (n *notes) take(session, place string, now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	t, ok := n.waiting[session]
	if !ok || t.place != place {
		return ""
	}
	delete(n.waiting, session)
	if now.Sub(t.at) > notesLast {
		return ""
	}
	return t.text
}

// Tell keeps a sentence about what was just done, for the place on the page
// that is shown next.
func (r *Request) Tell(place, text string) {
	if r.Caller.SignedIn() {
		r.Site.notes.put(r.Caller.Session, note{place, text, time.Now()})
	}
}

// Told gives the sentence for a place, once; "" when there is none.
func (r *Request) Told(place string) string {
	return r.Site.notes.take(r.Caller.Session, place, time.Now())
}
