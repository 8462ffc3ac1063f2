package simulated_test

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/enginetest"
	"github.com/holmhq/holm/internal/engine/simulated"
)

func TestConformance(t *testing.T) {
	e := simulated.New(simulated.Options{})
	enginetest.Run(t, enginetest.Subject{
		New:  func(*testing.T) engine.Engine { return e },
		Kill: func(_ *testing.T, id holm.EnvironmentID, node holm.NodeID) { e.Kill(id, node) },
	})
}
