package account

import (
	"fmt"
	"testing"
	"time"

	"github.com/holmhq/holm"
)

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// tries has somebody guess n times and says how many were let through.
func (l *limiter) tries(now time.Time, n int, g guesser) (through int) {
	for range n {
		if l.waitFor(now, g).IsZero() {
			through++
			l.failedBy(now, g)
		}
	}
	return through
}

func TestOneNetworkGuessesOneLoginTenTimes(t *testing.T) {
	l := newLimiter()
	if n := l.tries(noon, 30, guesser{address: "203.0.113.1", login: "ana"}); n != guessesLogin {
		t.Errorf("%d guesses", n)
	}
	if n := l.tries(noon.Add(guessWindow), 1, guesser{address: "203.0.113.1", login: "ana"}); n != 1 {
		t.Error("the window does not end")
	}
}

func TestOneNetworkGuessesManyLoginsSixtyTimes(t *testing.T) {
	l, n := newLimiter(), 0
	for i := range 100 {
		n += l.tries(noon, 1, guesser{address: "203.0.113.1", login: fmt.Sprint("person ", i)})
	}
	if n != guessesSource {
		t.Errorf("%d guesses", n)
	}
}

// An IPv6 customer has 2^64 addresses and is one network all the same.
func TestIPv6CountsByNetwork(t *testing.T) {
	l, n := newLimiter(), 0
	for i := range 100 {
		n += l.tries(noon, 1, guesser{address: fmt.Sprintf("2001:db8:1:2::%x", i), login: "ana"})
	}
	if n != guessesLogin {
		t.Errorf("%d guesses", n)
	}
	if l.tries(noon, 1, guesser{address: "2001:db8:1:3::1", login: "ana"}) != 1 {
		t.Error("the neighbour is held up")
	}
	if holm.Network("::ffff:203.0.113.1") == holm.Network("::ffff:203.0.113.2") {
		t.Error("IPv4 addresses written as IPv6 are one network")
	}
}

// Whoever has many addresses has few guesses all the same, and holds up
// neither a device nor a network that the person has used.
func TestManyNetworksGuessOneLogin(t *testing.T) {
	l, n := newLimiter(), 0
	for i := range 5000 {
		n += l.tries(noon, 5, guesser{address: fmt.Sprintf("198.51.%d.%d", i/250, i%250), login: "ana"})
	}
	if n > guessesShut {
		t.Errorf("%d guesses at one login", n)
	}
	home := guesser{address: "192.0.2.1", login: "ana", known: true}
	phone := guesser{address: "198.51.0.1", device: "phone", login: "ana", known: true}
	if l.tries(noon, 1, home) != 1 || l.tries(noon, 1, phone) != 1 {
		t.Error("the person is locked out")
	}
	if n := l.tries(noon, 30, phone); n != guessesLogin-1 {
		t.Errorf("a device that was stolen guesses %d times", n)
	}
	abroad := guesser{address: "192.0.2.200", login: "ana"}
	if l.tries(noon, 1, abroad) != 0 {
		t.Error("an unknown place has a try")
	}
	l.vouch(noon, abroad.address, "ana")
	if l.tries(noon, 1, abroad) != 1 {
		t.Error("who proved themselves by mail is locked out")
	}
	if l.tries(noon, 1, guesser{address: "192.0.2.200", login: "bob"}) != 1 {
		t.Error("another login is held up")
	}
}

// One try from each of many networks meets the limit of the login, and the
// person's own device does not.
func TestManyNetworksWithOneTryEachMeetALimit(t *testing.T) {
	l, n := newLimiter(), 0
	for i := range 60 {
		n += l.tries(noon, 1, guesser{address: fmt.Sprintf("203.0.113.%d", i), login: "ana"})
	}
	if n != 50 {
		t.Errorf("60 networks have %d guesses", n)
	}
	if l.tries(noon, 1, guesser{address: "203.0.113.7", device: "phone", login: "ana", known: true}) != 1 {
		t.Error("the person's own device is locked out")
	}
	if n := l.tries(noon.Add(guessWindow), 1, guesser{address: "203.0.113.99", login: "ana"}); n != 1 {
		t.Error("the limit does not end")
	}
}
