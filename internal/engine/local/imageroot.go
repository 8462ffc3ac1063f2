package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	refname "github.com/google/go-containerregistry/pkg/name"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/internal/engine/local/image"
	"github.com/holmhq/holm/stacks"
)

// images keeps the layers of all nodes' images.
func (e *Engine) images() image.Store {
	return image.Store{Dir: filepath.Join(e.o.DataDir, "layers"), Keys: e.o.RegistryKeys}
}

func (p place) imageFile() string { return filepath.Join(p.dir, "image.json") }

// asImage gives the stack as the node's image makes it; as it is for a node
// that has none.
func (p place) asImage(o stacks.Offer) (stacks.Offer, error) {
	var i image.Image
	err := control.Read(p.imageFile(), &i)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	command := i.Command
	for _, own := range o.Images {
		if own.Reference == i.Reference && len(own.Command) > 0 {
			command = own.Command
		}
	}
	o.Source = stacks.Source{Version: o.Source.Version, Kind: stacks.OfImage, Image: i.Reference}
	o.Images = []stacks.Image{{Version: o.Source.Version, Reference: i.Reference, Command: command}}
	o.User = stacks.User{Name: i.UserName, ID: i.UserID, Home: i.Home}
	o.Root = i.Folder
	if i.Port != 0 {
		o.Port = i.Port
	}
	env := map[string]string{}
	for _, pair := range i.Env {
		key, value, _ := strings.Cut(pair, "=")
		env[key] = value
	}
	maps.Copy(env, o.Env)
	o.Env = env
	return o, nil
}

// sweepLayers removes layers that no node has any more.
func (e *Engine) sweepLayers() error {
	e.imagesMu.Lock()
	defer e.imagesMu.Unlock()
	files, err := filepath.Glob(filepath.Join(e.o.DataDir, "environments", "*", "nodes", "*", "image.json"))
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, file := range files {
		var i image.Image
		if err := control.Read(file, &i); err != nil {
			return nil // another time: better too many than one that is missing
		}
		for _, l := range i.Layers {
			used[l] = true
		}
	}
	return e.images().Sweep(used)
}

// ensureImage makes the root file system of a node from its image the first
// time, and gives the stack as that image makes it.
func (e *Engine) ensureImage(ctx context.Context, p place, w engine.Environment, n engine.Node, offer stacks.Offer) (stacks.Offer, error) {
	if exists(p.root()) {
		return p.asImage(offer)
	}
	e.imagesMu.RLock()
	defer e.imagesMu.RUnlock()
	reference := offer.Source.Image
	pinned, err := e.pinned(w, reference)
	if err != nil {
		return offer, err
	}
	defer e.pulls.Delete(n.ID)
	i, err := e.images().Fetch(ctx, pinned, func(got, all int64) {
		e.pulls.Store(n.ID, fmt.Sprintf("The image %s is being fetched: %d of %d MiB.", reference, got>>20, (all+1<<20-1)>>20))
	})
	if err != nil {
		return offer, err
	}
	i.Reference = reference
	e.pulls.Store(n.ID, fmt.Sprintf("The image %s is being unpacked.", reference))
	if err := e.folders(p); err != nil {
		return offer, err
	}
	if err := e.buildImageRoot(ctx, p, &i, offer); err != nil {
		return offer, errors.Join(err, os.RemoveAll(p.root()+".new"))
	}
	return p.asImage(offer)
}

// pinned gives the reference with the digest that the environment's nodes of
// the same image have already: all nodes of a layer are the same.
func (e *Engine) pinned(w engine.Environment, reference string) (string, error) {
	ref, err := refname.ParseReference(reference)
	if err != nil {
		return "", holm.Invalid("version", "%q is not the reference of an image; write one like registry.example.com/team/app:1.2.", reference)
	}
	for _, n := range w.Nodes {
		var i image.Image
		if err := control.Read(e.place(w, n).imageFile(), &i); err == nil && i.Reference == reference {
			return ref.Context().Digest(i.Digest).String(), nil
		}
	}
	return reference, nil
}

// buildImageRoot unpacks the layers beside the node's root and moves it there
// when it is whole.
func (e *Engine) buildImageRoot(ctx context.Context, p place, i *image.Image, offer stacks.Offer) error {
	fresh := p.root() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := ensureDir(fresh, 0o755, p.hostID(0), p.hostID(0)); err != nil {
		return err
	}
	u := &image.Unpacker{Root: fresh, First: p.hostID(0)}
	for _, layer := range i.Layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := u.Layer(e.images().Path(layer)); err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "The image %s cannot be unpacked: %v.", i.Reference, err)
		}
	}
	if err := u.WhoIs(i); err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The image %s cannot be used: %v.", i.Reference, err)
	}
	if i.UserID == 0 && !offer.AnyImage {
		i.UserID, i.UserName, i.Home = offer.User.ID, offer.User.Name, offer.User.Home
	}
	if err := furnish(u, p, *i, offer); err != nil {
		return err
	}
	if err := control.Write(p.imageFile(), *i, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, p.root())
}

// furnish makes the image fit to be a node: folders that are mounted over or
// that the service writes, and the files that change while nodes run.
func furnish(u *image.Unpacker, p place, i image.Image, offer stacks.Offer) error {
	if err := u.Folders(-1, "/proc", "/sys", "/dev", "/run", "/tmp", i.Folder); err != nil {
		return err
	}
	own := []string{"/var/log"}
	if !offer.AnyImage {
		own = append(own, offer.Persistent...)
	}
	if err := u.Folders(i.UserID, own...); err != nil {
		return err
	}
	return errors.Join(u.Link("/etc/hosts", filepath.Join(control.Dir, control.HostsFile)),
		u.Link("/etc/resolv.conf", filepath.Join(control.Dir, control.ResolvFile)))
}
