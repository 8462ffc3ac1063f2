package local

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
)

// idsPerEnvironment is how many user ids an environment's nodes have; 0 to
// 65,535 inside.
const idsPerEnvironment = 1 << 16

var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// place is where one node's things lie, and which ids it has.
type place struct {
	env     holm.EnvironmentID
	node    holm.NodeID
	dir     string
	firstU  int // host id of user 0
	cgroup  string
	netdev  string // host end of the node's cable
	network *network
}

func (e *Engine) environmentDir(id holm.EnvironmentID) string {
	return filepath.Join(e.o.DataDir, "environments", string(id))
}

func (e *Engine) place(w engine.Environment, n engine.Node) place {
	return place{
		env:     w.ID,
		node:    n.ID,
		dir:     filepath.Join(e.environmentDir(w.ID), "nodes", strconv.FormatInt(int64(n.ID), 10)),
		firstU:  int(e.o.FirstID) + w.Subnet*idsPerEnvironment,
		cgroup:  fmt.Sprintf("/%s/%s/%d", e.o.Prefix, w.ID, n.ID),
		netdev:  e.network.cableName(w.Subnet, n.Slot),
		network: e.network,
	}
}

func (p place) root() string       { return filepath.Join(p.dir, "root") }
func (p place) control() string    { return filepath.Join(p.dir, "control") }
func (p place) status() string     { return filepath.Join(p.dir, "status") }
func (p place) bundle() string     { return filepath.Join(p.dir, "bundle") }
func (p place) statusFile() string { return filepath.Join(p.status(), control.StatusFile) }
func (p place) recordFile() string { return filepath.Join(p.dir, "record.json") }
func (p place) container() string  { return strconv.FormatInt(int64(p.node), 10) }
func (p place) hostID(id int) int  { return p.firstU + id }
func (p place) runcLog() string    { return filepath.Join(p.dir, "runc.log") }
func (p place) pidFile() string    { return filepath.Join(p.bundle(), "pid") }
func (p place) proxyFile() string  { return filepath.Join(p.control(), control.ProxyFile) }
func (p place) hostsFile() string  { return filepath.Join(p.control(), control.HostsFile) }
func (p place) configFile() string { return filepath.Join(p.control(), control.ConfigFile) }
func (p place) resolvFile() string { return filepath.Join(p.control(), control.ResolvFile) }
func (p place) String() string     { return fmt.Sprintf("node %d", p.node) }

// folders makes the folders around a node. The node's first user has to pass
// through them when it starts, nobody else of the machine may; so the node's
// folder belongs to its group.
func (e *Engine) folders(p place) error {
	for _, dir := range []string{e.o.DataDir, filepath.Join(e.o.DataDir, "environments"),
		e.environmentDir(p.env), filepath.Dir(p.dir)} {
		if err := ensureDir(dir, 0o711, 0, 0); err != nil {
			return err
		}
	}
	first := p.hostID(0)
	if err := ensureDir(p.dir, 0o710, 0, first); err != nil {
		return err
	}
	if err := ensureDir(p.control(), 0o755, 0, 0); err != nil {
		return err
	}
	return ensureDir(p.bundle(), 0o700, 0, 0)
}

// ensureDir makes a folder with exactly that mode and owner. It must only be
// used outside the trees that nodes can write.
func ensureDir(dir string, mode os.FileMode, uid, gid int) error {
	if err := os.Mkdir(dir, mode); err != nil && !os.IsExist(err) {
		if !os.IsNotExist(err) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			return err
		}
		if err := os.Mkdir(dir, mode); err != nil && !os.IsExist(err) {
			return err
		}
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return err
	}
	return os.Chmod(dir, mode)
}
