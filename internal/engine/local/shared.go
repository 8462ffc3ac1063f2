package local

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

// writeShared tells the nodes of each other: names to all, upstreams to
// balancers. With only given, balancers get only those upstreams. It says
// whether that changed any balancer's list.
func (e *Engine) writeShared(w engine.Environment, only map[holm.NodeID]bool) (changed bool, err error) {
	for _, n := range w.Nodes {
		p := e.place(w, n)
		if _, err := os.Stat(p.control()); err != nil {
			continue // not made yet; prepare writes them
		}
		if err := writeHosts(p, w); err != nil {
			return changed, err
		}
		stack, err := stacks.Get(n.Stack)
		if err != nil || !stack.Balances() {
			continue
		}
		upstreams := n.Upstreams
		if only != nil {
			upstreams = slices.DeleteFunc(slices.Clone(upstreams), func(u engine.Upstream) bool { return !only[u.Node] })
			if len(upstreams) == 0 {
				continue // an answer too late is better than none
			}
		}
		wrote, err := e.writeUpstreams(p, w, upstreams)
		if err != nil {
			return changed, err
		}
		changed = changed || wrote
	}
	return changed, nil
}

// writeUpstreams gives a balancer the addresses of the nodes it spreads
// requests over, and says whether that is news.
func (e *Engine) writeUpstreams(p place, w engine.Environment, upstreams []engine.Upstream) (changed bool, err error) {
	list := control.Upstreams{Addresses: []string{}}
	for _, u := range upstreams {
		i := slices.IndexFunc(w.Nodes, func(n engine.Node) bool { return n.ID == u.Node })
		if i < 0 {
			continue // on its way out
		}
		stack, err := e.place(w, w.Nodes[i]).stack(w.Nodes[i])
		if err != nil || stack.Port == 0 {
			continue
		}
		address := e.network.node(w.Subnet, w.Nodes[i].Slot).String()
		list.Addresses = append(list.Addresses, net.JoinHostPort(address, strconv.Itoa(stack.Port)))
	}
	var now control.Upstreams
	if control.Read(p.proxyFile(), &now) == nil && slices.Equal(now.Addresses, list.Addresses) {
		return false, nil
	}
	return true, control.Write(p.proxyFile(), list, 0o644)
}

// writeHosts names the environment's nodes to a node.
func writeHosts(p place, w engine.Environment) error {
	var b strings.Builder
	b.WriteString("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
	for _, n := range w.Nodes {
		fmt.Fprintf(&b, "%s\t%s\n", p.network.node(w.Subnet, n.Slot), n.Hostname)
	}
	now, err := os.ReadFile(p.hostsFile())
	if err == nil && bytes.Equal(now, []byte(b.String())) {
		return nil
	}
	return control.WriteFile(p.hostsFile(), []byte(b.String()), 0o644, 0, 0)
}

// resolvers gives the content of a node's resolv.conf: the name servers of the
// machine that can be reached from a node.
func (e *Engine) resolvers() string {
	servers, options := e.o.Resolvers, ""
	for _, file := range []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"} {
		if len(servers) > 0 {
			break
		}
		servers, options = readResolvers(file)
	}
	var b strings.Builder
	for _, s := range servers {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	return b.String() + options
}

// readResolvers gives the name servers in a resolv.conf, without those that
// only the machine itself can reach.
func readResolvers(file string) (servers []netip.Addr, rest string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, ""
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			if a, err := netip.ParseAddr(fields[1]); err == nil && !a.IsLoopback() && a.Is4() {
				servers = append(servers, a)
			}
		case "search", "options":
			rest += line
		}
	}
	return servers, rest
}
