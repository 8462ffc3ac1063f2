package cli

import (
	"strings"

	"github.com/holmhq/holm/ops"
)

func polishTransferRequest(c *command) {
	c.lift("email")
	c.long = "Offer an environment to another person with a full account. They get a mail with a\nlink that works once, for seven days. Nothing changes until they accept; then it is\ntheirs at once, without a break in what it serves."
	c.example = "  holm transfer request shop ana@example.org"
	c.render = func(x *call, out any) error {
		v := out.(ops.TransferView)
		x.out.line("Offered to %s. Until they accept you can take it back: holm transfer cancel ENVIRONMENT", v.Email)
		x.out.pairs([]pair{{"until", x.out.time(v.Until)}})
		return nil
	}
}

func polishTransferAccept(c *command) {
	c.long = "Take over an environment that was offered to you, with the link of the mail. All\nsharing of it ends, unless you keep the collaborators: those who can use it now keep\ntheir level and become yours."
	c.example = "  holm transfer accept https://holm.example.org/transfers/TOKEN\n  holm transfer accept https://holm.example.org/transfers/TOKEN --keep-collaborators"
	c.render = func(x *call, out any) error {
		v := out.(ops.TransferAccepted)
		x.out.line("%s is yours now. Its old owner knows what is in it: change its variables and passwords.", v.Environment.Name)
		if len(v.Kept) > 0 {
			x.out.line("These keep their level: %s", strings.Join(v.Kept, ", "))
		}
		return nil
	}
}
