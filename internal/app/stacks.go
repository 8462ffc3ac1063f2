package app

import (
	"context"
	"sync"
	"time"

	"github.com/holmhq/holm/internal/config"
	passwords "github.com/holmhq/holm/internal/password"
	"github.com/holmhq/holm/ops"
	"github.com/holmhq/holm/stacks"
)

// catalogue tells which stacks there are and which of them can run here. What
// the machine offers is looked at again after a while: somebody may install a
// program.
type catalogue struct {
	everything bool // the engine runs any stack
	mu         sync.Mutex
	views      []ops.StackView
	seen       time.Time
}

const lookAgain = time.Minute

func newCatalogue(engine config.Engine) *catalogue {
	return &catalogue{everything: engine == config.Simulated}
}

func (c *catalogue) list() []ops.StackView {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.seen) < lookAgain {
		return c.views
	}
	c.views, c.seen = nil, time.Now()
	for _, offer := range stacks.List(context.Background()) {
		c.views = append(c.views, c.view(offer))
	}
	return c.views
}

func (c *catalogue) view(o stacks.Offer) ops.StackView {
	v := ops.StackView{Name: o.Name, Title: o.Title, Role: string(o.Role), Summary: o.About, Versions: []ops.StackVersion{}, AnyImage: o.AnyImage}
	if o.Password != nil {
		v.PasswordOf = o.Password.User
	}
	for _, s := range o.Sources {
		v.Versions = append(v.Versions, ops.StackVersion{Version: s.Version, Source: string(s.Kind), Available: true})
	}
	if len(v.Versions) == 0 {
		v.Versions = append(v.Versions, ops.StackVersion{Source: string(stacks.OfHost), Available: c.everything, Reason: o.Missing})
	}
	return v
}

// passwordSetter tells how a stack's servers take a new password.
func passwordSetter(ctx context.Context, stack, version string) (passwords.Setter, bool) {
	offer, err := stacks.Find(ctx, stack, version)
	if err != nil || offer.Password == nil {
		return passwords.Setter{}, false
	}
	return passwords.Setter{Title: offer.Title, Login: offer.Password.User, Command: offer.FillAll(offer.Password.Command)}, true
}
