package local_test

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// outside is another machine beside this one: a name space with a cable.
type outside struct {
	space         netns.NsHandle
	address, host string // its address, and this machine's towards it
}

// newOutside makes the other machine. It sends what is for the private range
// to this machine, as an attacker on the same network could.
func newOutside(t *testing.T, private netip.Prefix) outside {
	t.Helper()
	o := outside{address: "10.157.3.2", host: "10.157.3.1"}
	runtime.LockOSThread()
	home, err := netns.Get()
	must(t, err)
	o.space, err = netns.New()
	must(t, err)
	must(t, netns.Set(home))
	runtime.UnlockOSThread()
	attributes := netlink.NewLinkAttrs()
	attributes.Name = "hout0"
	cable := &netlink.Veth{LinkAttrs: attributes, PeerName: "eth0", PeerNamespace: netlink.NsFd(o.space)}
	must(t, netlink.LinkAdd(cable))
	t.Cleanup(func() {
		must(t, netlink.LinkDel(cable))
		o.space.Close()
		home.Close()
	})
	set(t, &netlink.Handle{}, "hout0", o.host)
	inside, err := netlink.NewHandleAt(o.space)
	must(t, err)
	defer inside.Close()
	set(t, inside, "eth0", o.address)
	_, all, err := net.ParseCIDR(private.String())
	must(t, err)
	must(t, inside.RouteAdd(&netlink.Route{Dst: all, Gw: net.ParseIP(o.host)}))
	return o
}

func set(t *testing.T, h *netlink.Handle, card, address string) {
	t.Helper()
	link, err := h.LinkByName(card)
	must(t, err)
	parsed, err := netlink.ParseAddr(address + "/24")
	must(t, err)
	must(t, h.AddrAdd(link, parsed))
	must(t, h.LinkSetUp(link))
}

// do runs something with the other machine's network.
func (o outside) do(t *testing.T, what func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with us
		if err := netns.Set(o.space); err != nil {
			done <- err
			return
		}
		what()
		done <- nil
	}()
	must(t, <-done)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// dropByDefault does what Docker and firewalls do: a forward chain that drops.
func dropByDefault(t *testing.T) *nftables.Chain {
	t.Helper()
	c, err := nftables.New()
	must(t, err)
	drop := nftables.ChainPolicyDrop
	table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "htestforeign"})
	chain := c.AddChain(&nftables.Chain{Name: "FORWARD", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter, Policy: &drop})
	must(t, c.Flush())
	t.Cleanup(func() {
		c.DelTable(table)
		must(t, c.Flush())
	})
	return chain
}

// rulesIn counts the rules of an installation in somebody else's chain. Others
// on this machine may have put theirs there too.
func rulesIn(t *testing.T, chain *nftables.Chain, prefix string) (n int) {
	t.Helper()
	c, err := nftables.New()
	must(t, err)
	rules, err := c.GetRules(chain.Table, chain)
	must(t, err)
	for _, r := range rules {
		if bytes.Contains(r.UserData, []byte("holm:"+prefix+"\x00")) {
			n++
		}
	}
	return n
}

func TestOutside(t *testing.T) {
	m := newMachine(t, "hnat", "10.158.0.0/18")
	other := newOutside(t, m.options.Range)
	e := m.engine(t)
	w := engine.Environment{ID: "env_nat", Name: "nat", Subnet: 1, Nodes: []engine.Node{
		{ID: 1, Slot: 1, Role: holm.LayerApp, Stack: "static", Hostname: "node1", Running: true, Limits: engine.Limits{MemoryBytes: 64 << 20, Pids: 32}},
	}}
	var listener net.Listener
	other.do(t, func() {
		var err error
		listener, err = net.Listen("tcp", net.JoinHostPort(other.address, "7000"))
		must(t, err)
	})
	defer listener.Close()
	seen := make(chan string, 10)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
			seen <- host
			c.Close()
		}
	}()
	reach := func(what string) {
		t.Helper()
		must(t, e.Apply(t.Context(), w))
		p, err := e.Exec(t.Context(), w.ID, 1, engine.Command{Args: []string{"timeout", "5", "bash", "-c",
			fmt.Sprintf("exec 3<>/dev/tcp/%s/7000", other.address)}})
		must(t, err)
		if code, err := p.Wait(); err != nil || code != 0 {
			t.Fatalf("%s: the node cannot reach the outside (%d, %v)", what, code, err)
		}
		if from := <-seen; from != other.host {
			t.Errorf("%s: the outside sees %s, not this machine's address %s", what, from, other.host)
		}
	}
	reach("alone")
	chain := dropByDefault(t)
	reach("beside a chain that drops")
	reach("applied again")
	if n := rulesIn(t, chain, "hnat"); n != 2 {
		t.Errorf("there are %d rules in the other's chain, not 2", n)
	}
	other.do(t, func() {
		c, err := net.DialTimeout("tcp", "10.158.0.66:80", time.Second)
		if err == nil {
			c.Close()
			t.Error("a neighbour of this machine reaches a node")
		} else if !strings.Contains(err.Error(), "timeout") {
			t.Errorf("reaching a node from outside: %v", err)
		}
	})
	must(t, e.Remove(t.Context(), w.ID))
	if n := rulesIn(t, chain, "hnat"); n != 0 {
		t.Errorf("%d rules are left in the other's chain", n)
	}
	m.nothingLeft(t)
}
