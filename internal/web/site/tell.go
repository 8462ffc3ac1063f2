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
	undo        Undo
}

// Undo takes back what was just done: a form that is posted to Action with
// Fields, pairs of name and value. There is none when Action is empty.
type Undo struct {
	Action string
	Fields []string
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

func (n *notes) take(session, place string, now time.Time) (string, Undo) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t, ok := n.waiting[session]
	if !ok || t.place != place {
		return "", Undo{}
	}
	delete(n.waiting, session)
	if now.Sub(t.at) > notesLast {
		return "", Undo{}
	}
	return t.text, t.undo
}

// Tell keeps a sentence about what was just done, for the place on the page
// that is shown next.
func (r *Request) Tell(place, text string) { r.TellUndo(place, text, Undo{}) }

// TellUndo is Tell with the way to take it back.
func (r *Request) TellUndo(place, text string, undo Undo) {
	if r.Caller.SignedIn() {
		r.Site.notes.put(r.Caller.Session, note{place, text, time.Now(), undo})
	}
}

// Told gives the sentence for a place, once; "" when there is none.
func (r *Request) Told(place string) string {
	text, _ := r.ToldUndo(place)
	return text
}

// ToldUndo is Told with the way to take it back.
func (r *Request) ToldUndo(place string) (string, Undo) {
	return r.Site.notes.take(r.Caller.Session, place, time.Now())
}
