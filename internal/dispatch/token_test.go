package dispatch

import (
	"strings"
	"testing"
)

// A token of the right form is known without asking; one with a slip is not,
// whichever character it is in.
func TestAccessTokensAreKnownByTheirForm(t *testing.T) {
	token, hash := NewAccessToken()
	if !isAccessToken(token) || hash != HashToken(token) || !strings.HasPrefix(token, "holm_pat_") {
		t.Fatalf("made %q", token)
	}
	for i := range token {
		c := byte('A')
		if token[i] == c {
			c = 'B'
		}
		if broken := token[:i] + string(c) + token[i+1:]; isAccessToken(broken) {
			t.Errorf("%q is taken for %q", broken, token)
		}
	}
	session, _ := NewToken("holm_")
	for _, other := range []string{"", "holm_pat_", "holm_pat_123456", session, token[:len(token)-1], token + "x"} {
		if isAccessToken(other) {
			t.Errorf("%q is taken for an access token", other)
		}
	}
}
