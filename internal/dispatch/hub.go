package dispatch

import (
	"sync"

	"github.com/holmhq/holm"
)

// EventType says what an event is about.
type EventType string

// The events. They carry no content: who follows asks the door again and sees
// what it may see.
const (
	EventEnvironment   EventType = "environment"   // an environment changed
	EventRemoved       EventType = "removed"       // an environment is gone
	EventCollaborators EventType = "collaborators" // an account's collaborators changed
	EventAccess        EventType = "access"        // what a person may do changed
	EventAudit         EventType = "audit"         // an account's audit log grew
	EventReset         EventType = "reset"         // some events were missed: look at everything again
)

// Event is told to those who follow what it is about.
type Event struct {
	ID          uint64 // grows, also over a restart of the program
	Type        EventType
	Environment holm.EnvironmentID
	Account     holm.AccountID
	User        holm.UserID
}

const (
	hubMemory = 1024 // events kept for those who come back
	hubQueue  = 64   // events a follower may be behind before it is told to reset
)

// hub hands events to followers. It never waits for one: who is too slow
// misses events and is told so.
type hub struct {
	mu        sync.Mutex
	last      uint64
	ring      []Event
	followers map[*follower]struct{}
}

type follower struct {
	wants  func(Event) bool
	since  uint64 // the last event when it began to follow
	queue  chan Event
	missed bool
}

// newHub numbers events from the time of the start on, so that numbers of an
// earlier run are recognised as old.
func newHub(clock holm.Clock) *hub {
	return &hub{last: uint64(clock().UnixMicro()), followers: map[*follower]struct{}{}}
}

func (h *hub) publish(events ...Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		if e.Type != EventAudit {
			h.last++
		}
		e.ID = h.last
		if e.Type != EventAudit { // those who come back read the log from where they were
			h.ring = append(h.ring, e)
		}
		if len(h.ring) > 2*hubMemory {
			h.ring = append([]Event(nil), h.ring[hubMemory:]...)
		}
		for f := range h.followers {
			if f.wants(e) {
				f.offer(e)
			}
		}
	}
}

// offer queues an event; called with the hub locked.
func (f *follower) offer(e Event) {
	if f.missed {
		e = Event{ID: e.ID, Type: EventReset}
	}
	select {
	case f.queue <- e:
		f.missed = false
	default:
		f.missed = true
	}
}

// follow begins to queue events. With after set, what was missed since is
// queued first, or a reset when it is no longer known.
func (h *hub) follow(after uint64, wants func(Event) bool) *follower {
	f := &follower{wants: wants, queue: make(chan Event, hubQueue)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.followers[f] = struct{}{}
	f.since = h.last
	if after == 0 {
		return f
	}
	if after != h.last && (len(h.ring) == 0 || after+1 < h.ring[0].ID || after > h.last) {
		f.offer(Event{ID: h.last, Type: EventReset})
		return f
	}
	for _, e := range h.ring {
		if e.ID > after && wants(e) {
			f.offer(e)
		}
	}
	return f
}

// LastEvent is the number of the newest event. What is read from the door
// afterwards is at least as new, so who follows from here on misses nothing.
func (d *Door) LastEvent() uint64 {
	d.hub.mu.Lock()
	defer d.hub.mu.Unlock()
	return d.hub.last
}

func (h *hub) unfollow(f *follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.followers, f)
}
