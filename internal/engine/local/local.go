// Package local runs nodes on this Linux machine, without a daemon: each node
// is an OCI bundle started by the program runc, with holm-node as its first
// process.
//
// Everything it has to remember lies in its two folders (one that lasts, one
// that the machine forgets when it starts anew), so that the control plane may
// end at any moment and go on where it was. It must not know of people,
// rights, the store or why something is wanted.
package local

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"

	runc "github.com/containerd/go-runc"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// Options say where things are. Only DataDir, Runc and HolmNode have to be
// given.
type Options struct {
	// DataDir keeps the nodes' files and what is wanted. It must lie on a file
	// system with Unix owners, and last.
	DataDir string
	// RunDir keeps what only holds until the machine starts anew; default
	// /run/<Prefix>.
	RunDir string
	// Runc and HolmNode are the programs' paths.
	Runc, HolmNode string
	// Prefix begins the names of bridges, cgroups and the nftables table, so
	// that two installations do not meet; at most 6 characters, default "holm".
	Prefix string
	// Range is cut into subnets of 64 addresses, one for each environment;
	// default 10.160.0.0/12, which is enough for 16,384.
	Range netip.Prefix
	// FirstID is the first of the machine's user ids that nodes use, 65,536
	// for each environment; default 1<<30.
	FirstID uint32
	// Resolvers are the name servers of nodes; default those of the machine.
	Resolvers []netip.Addr
	// RegistryKeys is a file in the form of Docker's config.json with what
	// registries are signed in at with; it need not be there.
	RegistryKeys string
	// Parallel is how many nodes are worked on at once; default twice the
	// number of cores.
	Parallel int
	// RuncLimit is how long one call of runc may take before it is killed and
	// the node counts as broken; default 30 seconds.
	RuncLimit time.Duration
	Log       *slog.Logger
}

// Engine implements engine.Engine and engine.Sizer.
type Engine struct {
	o        Options
	runc     *runc.Runc
	locks    keyedLocks
	slots    chan struct{}
	network  *network
	firewall *firewall
	bootID   string
	null     *os.File // what nodes have as output: they must not hold files of ours

	sharedMu   sync.Mutex // what all environments share comes and goes
	watchersMu sync.Mutex
	watchers   map[*watcher]bool
	disk       diskCache
	imagesMu   sync.RWMutex // written to while layers are swept
	pulls      sync.Map     // what is being done about a node's image, by node id
}

var (
	_ engine.Engine = (*Engine)(nil)
	_ engine.Sizer  = (*Engine)(nil)
	_ engine.Gauge  = (*Engine)(nil)
)

// New makes an engine over its folders. It looks at nothing yet: Check says
// whether the machine is fit.
func New(o Options) (*Engine, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, holm.Wrap(holm.CodeUnavailable, err, "The local engine needs Linux with /proc mounted.")
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, holm.Wrap(holm.CodeUnavailable, err, "%s cannot be opened.", os.DevNull)
	}
	return &Engine{
		o: o,
		runc: &runc.Runc{
			Command: o.Runc,
			Root:    filepath.Join(o.RunDir, "runc"),
			Setpgid: true, // a Ctrl-C in the server's terminal is not for nodes
		},
		slots:    make(chan struct{}, o.Parallel),
		network:  &network{prefix: o.Prefix, all: o.Range},
		firewall: &firewall{prefix: o.Prefix, all: o.Range},
		bootID:   string(boot),
		null:     null,
		watchers: map[*watcher]bool{},
	}, nil
}

var prefixPattern = regexp.MustCompile(`^[a-z][a-z0-9]{0,5}$`)

// complete fills in defaults and finds what cannot work.
func (o *Options) complete() error {
	if o.Prefix == "" {
		o.Prefix = "holm"
	}
	if o.RunDir == "" {
		o.RunDir = filepath.Join("/run", o.Prefix)
	}
	if !o.Range.IsValid() {
		o.Range = netip.MustParsePrefix("10.160.0.0/12")
	}
	if o.FirstID == 0 {
		o.FirstID = 1 << 30
	}
	if o.Parallel <= 0 {
		o.Parallel = 2 * runtime.NumCPU()
	}
	if o.RuncLimit <= 0 {
		o.RuncLimit = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	switch {
	case o.Runc == "" || o.HolmNode == "":
		return holm.Invalid("engine", "The local engine needs the paths of runc and holm-node.")
	case !prefixPattern.MatchString(o.Prefix):
		return holm.Invalid("engine", "The prefix %q must be 1–6 characters a–z and 0–9 and start with a letter.", o.Prefix)
	case !o.Range.Addr().Is4() || o.Range.Bits() > 26 || o.Range.Bits() < 8:
		return holm.Invalid("engine", "The private range %s must be an IPv4 range between /8 and /26.", o.Range)
	}
	o.Range = o.Range.Masked()
	for _, folder := range []*string{&o.DataDir, &o.RunDir, &o.Runc, &o.HolmNode} {
		full, err := filepath.Abs(*folder)
		if err != nil {
			return holm.Wrap(holm.CodeInvalid, err, "The path %q cannot be used.", *folder)
		}
		*folder = full
	}
	return nil
}

// slot waits until one more node may be worked on.
func (e *Engine) slot(ctx context.Context) (release func(), err error) {
	select {
	case e.slots <- struct{}{}:
		return func() { <-e.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keyedLocks is a lock for each environment. Waiting for one ends with the
// context. The zero value is ready.
type keyedLocks struct {
	mu   sync.Mutex
	held map[holm.EnvironmentID]*keyedLock
}

type keyedLock struct {
	free  chan struct{} // holds one value while nobody has the lock
	users int
}

func (k *keyedLocks) lock(ctx context.Context, id holm.EnvironmentID) (unlock func(), err error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[holm.EnvironmentID]*keyedLock{}
	}
	l := k.held[id]
	if l == nil {
		l = &keyedLock{free: make(chan struct{}, 1)}
		l.free <- struct{}{}
		k.held[id] = l
	}
	l.users++
	k.mu.Unlock()
	done := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(k.held, id)
		}
	}
	select {
	case <-l.free:
		return func() { l.free <- struct{}{}; done() }, nil
	case <-ctx.Done():
		done()
		return nil, ctx.Err()
	}
}
