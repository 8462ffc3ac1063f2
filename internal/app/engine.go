package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/config"
	"github.com/holmhq/holm/internal/engine/local"
	"github.com/holmhq/holm/internal/engine/simulated"
	"github.com/holmhq/holm/stacks"
)

// subnets is how many environments the engine's private range has room for:
// subnets of 64 addresses in a /12.
const subnets = 16_384

// openEngine makes the engine and asks whether it can work here. Nothing is
// changed by that.
func (a *App) openEngine(ctx context.Context) error {
	if err := a.loadStacks(); err != nil {
		return err
	}
	switch a.config.Engine {
	case config.Simulated:
		a.engine = simulated.New(simulated.Options{})
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
	name, err := installationName(a.config.Data)
	if err != nil {
		return err
	}
	a.name = name
	a.engine, err = local.New(local.Options{DataDir: filepath.Join(a.config.Data, "nodes"), RunDir: "/run/holm-" + name, Runc: runc, HolmNode: node, Prefix: name,
		RegistryKeys: filepath.Join(a.config.Data, "registries.json"), Log: a.log})
	if err != nil {
		return err
	}
	return a.engine.Check(ctx)
}

// loadStacks adds the operator's stacks to those that are shipped.
func (a *App) loadStacks() error {
	if a.config.Stacks == "" {
		return nil
	}
	if info, err := os.Stat(a.config.Stacks); err != nil || !info.IsDir() {
		return holm.Invalid("stacks", "There is no folder %s; give one with stack files in it with --stacks, or none.", a.config.Stacks)
	}
	return stacks.Extend(os.DirFS(a.config.Stacks))
}

// installationName begins the names of everything that an installation makes
// on the machine (bridges, cgroups, rules), so that several can work beside
// each other. It is kept in the data folder and moves with it; before the
// folder is made, one is thought up.
func installationName(data string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(data, "name"))
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", holm.Wrap(holm.CodeUnavailable, err, "The data folder %s cannot be read; give another with --data", data)
	}
	return "h" + strings.ToLower(rand.Text()[:5]), nil
}
