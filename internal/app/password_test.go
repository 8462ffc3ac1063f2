package app

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

func (w *world) resetPassword(token string) error {
	in := ops.PasswordResetInput{Token: holm.NewSecret(token)}
	in.Body.Password = holm.NewSecret("another long password")
	_, err := call(w, "nobody", ops.PasswordReset, in)
	return err
}

// Somebody who was in the mailbox must not get in with an older link once the
// person has changed the password.
func TestPasswordChangeEndsResetLinks(t *testing.T) {
	w := newWorld(t)
	in := ops.UserUpdateInput{}
	in.Body.Password, in.Body.CurrentPassword = holm.NewSecret("a new and long password"), holm.NewSecret(password)
	_, err := call(w, "owner", ops.UserUpdate, in)
	must(t, err)
	if err := w.resetPassword("reset"); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("the link of before: %v", err)
	}
}

func TestResetLinkWorksOnce(t *testing.T) {
	w := newWorld(t)
	must(t, w.resetPassword("reset"))
	if err := w.resetPassword("reset"); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("a second time: %v", err)
	}
}

// A link that does not exist is refused before anything slow is done for it:
// the password, which is too short, is not even looked at.
func TestNothingIsHashedForALinkThatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	in := ops.PasswordResetInput{Token: holm.NewSecret("junk")}
	in.Body.Password = holm.NewSecret("short")
	if _, err := call(w, "nobody", ops.PasswordReset, in); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("got %v", err)
	}
}
