package account

import (
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

// limiter slows down who guesses. What counts together is what one attacker
// has much of and the person has not: tries from one network at one login, from
// one network at all, and from all unknown places at one login. Who comes with
// a device or from a network that the person has used is counted alone, so
// that nobody can lock the person out by guessing.
type limiter struct {
	mu   sync.Mutex
	seen map[string]*window
}

type window struct {
	failures int
	ends     time.Time
}

const (
	guessWindow   = 10 * time.Minute
	guessesLogin  = 10 // from one network at one login
	guessesSource = 60 // from one network
	// From all unknown places at one login: beyond the first number each of
	// them has a single try, beyond the second none.
	guessesNarrow = 20
	guessesShut   = 50
	limiterMost   = 100_000 // entries kept; beyond it others go
)

func newLimiter() *limiter { return &limiter{seen: map[string]*window{}} }

// guesser is who tries to be somebody.
type guesser struct {
	address string
	device  string // hash of the device's token, "" for none
	login   string // as it is compared
	known   bool   // the person has used this device or network before
}

// keys are what a try counts for, and how many failures each may have.
func (g guesser) keys(l *limiter, now time.Time) map[string]int {
	from := holm.Network(g.address)
	own := from + " " + g.login
	if g.known && g.device != "" {
		return map[string]int{"device " + g.device + " " + g.login: guessesLogin}
	}
	if g.known || l.failures(now, "vouched "+own) > 0 {
		return map[string]int{own: guessesLogin}
	}
	keys := map[string]int{own: guessesLogin, from: guessesSource, "all " + g.login: guessesShut}
	if l.failures(now, "all "+g.login) >= guessesNarrow {
		keys[own] = 1
	}
	return keys
}

func (l *limiter) failures(now time.Time, key string) int {
	if w := l.seen[key]; w != nil && now.Before(w.ends) {
		return w.failures
	}
	return 0
}

// wait says until when the caller has to wait, zero for not at all.
func (l *limiter) wait(now time.Time, address, login string) time.Time {
	return l.waitFor(now, guesser{address: address, login: login})
}

func (l *limiter) waitFor(now time.Time, g guesser) (until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, most := range g.keys(l, now) {
		if l.failures(now, key) >= most && l.seen[key].ends.After(until) {
			until = l.seen[key].ends
		}
	}
	return until
}

func (l *limiter) failed(now time.Time, address, login string) {
	l.failedBy(now, guesser{address: address, login: login})
}

func (l *limiter) failedBy(now time.Time, g guesser) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range g.keys(l, now) {
		l.count(now, key)
	}
}

func (l *limiter) count(now time.Time, key string) {
	w := l.seen[key]
	if w == nil || !now.Before(w.ends) {
		l.sweep(now)
		w = &window{ends: now.Add(guessWindow)}
		l.seen[key] = w
	}
	w.failures++
}

// succeeded forgives the failures of one network at its own login.
func (l *limiter) succeeded(address, login string) {
	l.succeededBy(guesser{address: address, login: login})
}

func (l *limiter) succeededBy(g guesser) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, holm.Network(g.address)+" "+g.login)
	delete(l.seen, "device "+g.device+" "+g.login)
}

// vouch lets a network in again that has proved itself by a mailed link.
func (l *limiter) vouch(now time.Time, address, login string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, holm.Network(address)+" "+login)
	l.count(now, "vouched "+holm.Network(address)+" "+login)
}

func (l *limiter) sweep(now time.Time) {
	if len(l.seen) < limiterMost {
		return
	}
	for key, w := range l.seen {
		if !now.Before(w.ends) || len(l.seen) >= limiterMost {
			delete(l.seen, key)
		}
	}
}

// comparable makes what somebody typed as a login fit to be counted by.
func comparable(login string) string {
	login = holm.EmailKey(login)
	if len(login) > 254 {
		return "too long"
	}
	return login
}

// knows says whether a person has used a device or a network before, and
// whether it was the device.
func knows(tx *store.Tx, user holm.UserID, device, address string) (known, byDevice bool, err error) {
	if device != "" {
		if known, err := tx.KnownDevice(user, device); known || err != nil {
			return known, known, err
		}
	}
	if address == "" {
		return false, false, nil
	}
	sessions, err := tx.Sessions(user)
	for _, s := range sessions {
		if holm.Network(s.Address) == holm.Network(address) {
			return true, false, err
		}
	}
	return false, false, err
}

// day is how days are counted, in UTC.
func day(t time.Time) int64 { return t.Unix() / 86400 }
