package simulated

import (
	"context"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

var _ engine.Copier = (*Engine)(nil)

// Copy has nothing to copy: simulated nodes have no files. It refuses what
// other engines refuse.
func (e *Engine) Copy(ctx context.Context, c engine.Copying) (engine.Copied, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for target, source := range c.Nodes {
		if e.environments[c.Source].find(source) == nil {
			return engine.Copied{}, holm.Errorf(holm.CodeConflict, "Node %d, whose files are to be copied, is not there any more.", source)
		}
		if n := e.environments[c.Target.ID].find(target); n != nil && !n.started.IsZero() {
			return engine.Copied{}, holm.Errorf(holm.CodeConflict, "Node %d runs; its files are not replaced.", target)
		}
	}
	return engine.Copied{}, ctx.Err()
}
