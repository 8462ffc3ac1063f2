package app

import (
	"context"
	"path/filepath"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/config"
	"github.com/holmhq/holm/internal/engine/local"
	"github.com/holmhq/holm/internal/engine/simulated"
)

// subnets is how many environments the engine's private range has room for:
// subnets of 64 addresses in a /12.
const subnets = 16_384

// openEngine makes the engine and asks whether it can work here. Nothing is
// changed by that.
func (a *App) openEngine(ctx context.Context) error {
	switch a.config.Engine {
	case config.Simulated:
		a.engine = simulated.New()
		return nil
	case config.Kubernetes:
		return holm.Errorf(holm.CodeInvalid, "This Holm was built without the engine kubernetes; use --engine local.")
	}
	runc, err := program("runc")
	if err != nil {
		return err
	}
	node, err := program("holm-node")
	if err != nil {
		return err
	}
	a.engine, err = local.New(local.Options{DataDir: filepath.Join(a.config.Data, "nodes"), Runc: runc, HolmNode: node, Prefix: prefix(a.config.Data), RunDir: filepath.Join("/run", "holm", prefix(a.config.Data)), Log: a.log})
	if err != nil {
		return err
	}
	return a.engine.Check(ctx)
}
