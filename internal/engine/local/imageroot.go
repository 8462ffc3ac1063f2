package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	refname "github.com/google/go-containerregistry/pkg/name"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

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
	i, err := e.fetch(ctx, pinned, func(got, all int64) {
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
		var i image
		if err := control.Read(e.place(w, n).imageFile(), &i); err == nil && i.Reference == reference {
			return ref.Context().Digest(i.Digest).String(), nil
		}
	}
	return reference, nil
}

// buildImageRoot unpacks the layers beside the node's root and moves it there
// when it is whole.
func (e *Engine) buildImageRoot(ctx context.Context, p place, i *image, offer stacks.Offer) error {
	fresh := p.root() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := ensureDir(fresh, 0o755, p.hostID(0), p.hostID(0)); err != nil {
		return err
	}
	u := &unpacker{root: fresh, first: p.hostID(0)}
	for _, layer := range i.Layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := u.layer(filepath.Join(e.layersDir(), layer)); err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "The image %s cannot be unpacked: %v.", i.Reference, err)
		}
	}
	if err := u.whoIs(i); err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The image %s cannot be used: %v.", i.Reference, err)
	}
	if i.UserID == 0 && !offer.AnyImage {
		i.UserID, i.UserName, i.Home = offer.User.ID, offer.User.Name, offer.User.Home
	}
	if err := u.furnish(p, *i, offer); err != nil {
		return err
	}
	if err := control.Write(p.imageFile(), *i, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, p.root())
}

// furnish makes the image fit to be a node: folders that are mounted over or
// that the service writes, and the files that change while nodes run.
func (u *unpacker) furnish(p place, i image, offer stacks.Offer) error {
	for _, dir := range []string{"/proc", "/sys", "/dev", "/run", "/tmp"} {
		if _, err := u.resolve(dir, true); err != nil {
			return err
		}
	}
	own := []string{"/var/log"}
	if !offer.AnyImage {
		own = append(own, offer.Persistent...)
	}
	for _, dir := range own {
		full, err := u.resolve(dir, true)
		if err != nil {
			return err
		}
		if err := os.Lchown(full, p.hostID(i.UserID), p.hostID(i.UserID)); err != nil {
			return err
		}
	}
	if _, err := u.resolve(i.Folder, true); err != nil {
		return err
	}
	etc, err := u.resolve("/etc", true)
	if err != nil {
		return err
	}
	for _, file := range []struct{ name, target string }{{"hosts", control.HostsFile}, {"resolv.conf", control.ResolvFile}} {
		path := filepath.Join(etc, file.name)
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Symlink(filepath.Join(control.Dir, file.target), path); err != nil {
			return err
		}
		if err := os.Lchown(path, u.first, u.first); err != nil {
			return err
		}
	}
	return nil
}
