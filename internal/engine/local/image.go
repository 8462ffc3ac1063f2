package local

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	refname "github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

// image is what a node's root file system was made of, kept beside it: a node
// stays with its digest whatever becomes of the tag.
type image struct {
	Reference string   `json:"reference"`
	Digest    string   `json:"digest"`
	Layers    []string `json:"layers"` // names of files in the folder of layers
	Command   []string `json:"command"`
	Env       []string `json:"env"`
	Folder    string   `json:"folder"`
	User      string   `json:"user"`
	Port      int      `json:"port"` // the lowest it names, 0 for none
	// UserID, UserName and Home are who User is in the image.
	UserID   int    `json:"user_id"`
	UserName string `json:"user_name"`
	Home     string `json:"home"`
}

func (p place) imageFile() string { return filepath.Join(p.dir, "image.json") }

// layersDir has the layers of all images as they were fetched, each once. Its
// parent lets nobody through: files in it have owners of this machine.
func (e *Engine) layersDir() string { return filepath.Join(e.o.DataDir, "layers") }

// asImage gives the stack as the node's image makes it; as it is for a node
// that has none.
func (p place) asImage(o stacks.Offer) (stacks.Offer, error) {
	var i image
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

// fetch gets an image's description and those of its layers that are not here
// yet. told gets the bytes so far and in all.
func (e *Engine) fetch(ctx context.Context, reference string, told func(got, all int64)) (image, error) {
	ref, err := refname.ParseReference(reference)
	if err != nil {
		return image{}, holm.Invalid("version", "%q is not the reference of an image; write one like registry.example.com/team/app:1.2.", reference)
	}
	remoteImage, err := remote.Image(ref, remote.WithContext(ctx), remote.WithAuthFromKeychain(registryKeys(e.o.RegistryKeys)),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH}))
	if err != nil {
		return image{}, imageTrouble(reference, err)
	}
	i, err := describe(reference, remoteImage)
	if err != nil {
		return i, imageTrouble(reference, err)
	}
	layers, err := remoteImage.Layers()
	if err != nil {
		return i, imageTrouble(reference, err)
	}
	if err := ensureDir(e.layersDir(), 0o700, 0, 0); err != nil {
		return i, err
	}
	var got, all int64
	for _, l := range layers {
		size, _ := l.Size()
		all += size
	}
	for _, l := range layers {
		file, err := e.fetchLayer(l, func(n int64) { got += n; told(got, all) })
		if err != nil {
			return i, imageTrouble(reference, err)
		}
		i.Layers = append(i.Layers, file)
	}
	return i, nil
}

func imageTrouble(reference string, err error) error {
	return holm.Wrap(holm.CodeUnavailable, err, "The image %s could not be fetched; look whether its name is right and the registry lets Holm in. It is tried again.", reference)
}

// describe reads what the image says of itself.
func describe(reference string, from v1.Image) (i image, err error) {
	digest, err := from.Digest()
	if err != nil {
		return i, err
	}
	file, err := from.ConfigFile()
	if err != nil {
		return i, err
	}
	c := file.Config
	i = image{Reference: reference, Digest: digest.String(), Command: slices.Concat(c.Entrypoint, c.Cmd), Env: c.Env, Folder: c.WorkingDir, User: c.User}
	if i.Folder == "" || !filepath.IsAbs(i.Folder) {
		i.Folder = "/"
	}
	i.Folder = filepath.Clean(i.Folder)
	for text := range c.ExposedPorts {
		number, kind, _ := strings.Cut(text, "/")
		if port, err := strconv.Atoi(number); err == nil && (kind == "" || kind == "tcp") && port > 0 && port < 65536 && (i.Port == 0 || port < i.Port) {
			i.Port = port
		}
	}
	return i, nil
}

// fetchLayer keeps a layer under its digest. It is checked while it comes, and
// moved to its place when it is whole.
func (e *Engine) fetchLayer(l v1.Layer, told func(int64)) (string, error) {
	digest, err := l.Digest()
	if err != nil {
		return "", err
	}
	file := digest.Algorithm + "-" + digest.Hex
	path := filepath.Join(e.layersDir(), file)
	if info, err := os.Stat(path); err == nil {
		told(info.Size())
		return file, nil
	}
	from, err := l.Compressed()
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(e.layersDir(), ".coming-")
	if err != nil {
		return "", err
	}
	defer os.Remove(to.Name())
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(to, sum, counting(told)), from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", err
	}
	if digest.Algorithm != "sha256" || hex.EncodeToString(sum.Sum(nil)) != digest.Hex {
		return "", fmt.Errorf("the layer %s is not what its digest says", digest)
	}
	return file, os.Rename(to.Name(), path)
}

type counting func(int64)

func (c counting) Write(p []byte) (int, error) { c(int64(len(p))); return len(p), nil }

// sweepLayers removes layers that no node has any more.
func (e *Engine) sweepLayers() error {
	e.imagesMu.Lock()
	defer e.imagesMu.Unlock()
	here, err := os.ReadDir(e.layersDir())
	if err != nil {
		return nil // there are none
	}
	files, err := filepath.Glob(filepath.Join(e.o.DataDir, "environments", "*", "nodes", "*", "image.json"))
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, file := range files {
		var i image
		if err := control.Read(file, &i); err != nil {
			return nil // another time: better too many than one that is missing
		}
		for _, l := range i.Layers {
			used[l] = true
		}
	}
	for _, entry := range here {
		if !used[entry.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(e.layersDir(), entry.Name())))
		}
	}
	return err
}

// registryKeys signs in at registries with what a file in the form of Docker's
// config.json says; the file is read anew each time.
type registryKeys string

// Resolve gives the credentials for a registry.
func (k registryKeys) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if k == "" {
		return authn.Anonymous, nil
	}
	data, err := os.ReadFile(string(k))
	if errors.Is(err, fs.ErrNotExist) {
		return authn.Anonymous, nil
	}
	if err != nil {
		return nil, err
	}
	var file struct {
		Auths map[string]struct{ Auth, Username, Password, IdentityToken string }
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("the file of registry passwords cannot be read") // its content is secret
	}
	for host, a := range file.Auths {
		host = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://"), "/")
		if host != r.RegistryStr() && strings.TrimSuffix(host, "/v1") != r.RegistryStr() {
			continue
		}
		if a.Auth != "" {
			pair, err := base64.StdEncoding.DecodeString(a.Auth)
			if err != nil {
				return nil, fmt.Errorf("the file of registry passwords cannot be read")
			}
			a.Username, a.Password, _ = strings.Cut(string(pair), ":")
		}
		return authn.FromConfig(authn.AuthConfig{Username: a.Username, Password: a.Password, IdentityToken: a.IdentityToken}), nil
	}
	return authn.Anonymous, nil
}
