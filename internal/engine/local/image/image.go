// Package image gets OCI images from registries and makes root file systems of
// them: fetched by digest, checked, kept once, unpacked with the owners of one
// node.
//
// It must not know what a node is otherwise, nor what runs in it.
package image

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
)

// Image is what a node's root file system was made of, kept beside it: a node
// stays with its digest whatever becomes of the tag.
type Image struct {
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

// Store keeps the layers of all images as they were fetched, each once. Only
// root may pass through its folder: files in layers have owners of this machine.
type Store struct {
	Dir string
	// Keys is a file in the form of Docker's config.json; it need not be there.
	Keys string
}

// Path gives where a layer is.
func (s Store) Path(layer string) string { return filepath.Join(s.Dir, layer) }

// Fetch gets an image's description and those of its layers that are not here
// yet. told gets the bytes so far and in all.
func (s Store) Fetch(ctx context.Context, reference string, told func(got, all int64)) (Image, error) {
	ref, err := refname.ParseReference(reference)
	if err != nil {
		return Image{}, holm.Invalid("version", "%q is not the reference of an image; write one like registry.example.com/team/app:1.2.", reference)
	}
	remoteImage, err := remote.Image(ref, remote.WithContext(ctx), remote.WithAuthFromKeychain(registryKeys(s.Keys)),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH}))
	if err != nil {
		return Image{}, imageTrouble(reference, err)
	}
	i, err := describe(reference, remoteImage)
	if err != nil {
		return i, imageTrouble(reference, err)
	}
	layers, err := remoteImage.Layers()
	if err != nil {
		return i, imageTrouble(reference, err)
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return i, err
	}
	var got, all int64
	for _, l := range layers {
		size, _ := l.Size()
		all += size
	}
	for _, l := range layers {
		file, err := s.fetchLayer(l, func(n int64) { got += n; told(got, all) })
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
func describe(reference string, from v1.Image) (i Image, err error) {
	digest, err := from.Digest()
	if err != nil {
		return i, err
	}
	file, err := from.ConfigFile()
	if err != nil {
		return i, err
	}
	c := file.Config
	i = Image{Reference: reference, Digest: digest.String(), Command: slices.Concat(c.Entrypoint, c.Cmd), Env: c.Env, Folder: c.WorkingDir, User: c.User}
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
func (s Store) fetchLayer(l v1.Layer, told func(int64)) (string, error) {
	digest, err := l.Digest()
	if err != nil {
		return "", err
	}
	file := digest.Algorithm + "-" + digest.Hex
	path := filepath.Join(s.Dir, file)
	if info, err := os.Stat(path); err == nil {
		told(info.Size())
		return file, nil
	}
	from, err := l.Compressed()
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(s.Dir, ".coming-")
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

// Sweep removes layers that are not in use.
func (s Store) Sweep(used map[string]bool) error {
	here, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil // there are none
	}
	for _, entry := range here {
		if !used[entry.Name()] {
			err = errors.Join(err, os.Remove(s.Path(entry.Name())))
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
