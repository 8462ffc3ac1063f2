package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// subnetSize is how many addresses an environment has: the gateway is the
// first that can be used, node in slot n has the n-th after it.
const (
	subnetSize = 64
	subnetBits = 26
)

// network gives each environment a bridge and each running node a cable (a
// pair of virtual cards) to it.
type network struct {
	prefix string
	all    netip.Prefix
	mu     sync.Mutex // bridges are made one at a time
}

// subnets is how many environments fit into the range.
func (n *network) subnets() int { return 1 << (subnetBits - n.all.Bits()) }

func (n *network) bridgeName(subnet int) string { return fmt.Sprintf("%s-%d", n.prefix, subnet) }

func (n *network) cableName(subnet, slot int) string {
	return fmt.Sprintf("%s-%d-%d", n.prefix, subnet, slot)
}

// address gives the address at a place in a subnet; 1 is the gateway.
func (n *network) address(subnet, host int) netip.Addr {
	a := n.all.Addr().As4()
	value := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	value += uint32(subnet*subnetSize + host)
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)})
}

func (n *network) gateway(subnet int) netip.Addr        { return n.address(subnet, 1) }
func (n *network) node(subnet int, slot int) netip.Addr { return n.address(subnet, 1+slot) }

// hardware gives a card's address made from its IP address, so that it stays
// the same when a node starts again and neighbours need not ask.
func hardware(kind byte, a netip.Addr) net.HardwareAddr {
	b := a.As4()
	return net.HardwareAddr{0x02, kind, b[0], b[1], b[2], b[3]}
}

func ipNet(a netip.Addr) *net.IPNet {
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(subnetBits, 32)}
}

// ensureBridge makes the environment's bridge, with the gateway's address.
func (n *network) ensureBridge(subnet int) (netlink.Link, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name, gateway := n.bridgeName(subnet), n.gateway(subnet)
	link, err := netlink.LinkByName(name)
	if isNoLink(err) {
		attributes := netlink.NewLinkAttrs()
		attributes.Name, attributes.HardwareAddr = name, hardware(1, gateway)
		err = netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes})
		if err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("bridge %s cannot be made: %w", name, err)
		}
		link, err = netlink.LinkByName(name)
	}
	if err != nil {
		return nil, err
	}
	if link.Type() != "bridge" {
		return nil, fmt.Errorf("%s is there already and is no bridge", name)
	}
	if link.Attrs().Flags&net.FlagUp != 0 {
		if addresses, err := netlink.AddrList(link, netlink.FAMILY_V4); err == nil && len(addresses) == 1 && addresses[0].IP.Equal(gateway.AsSlice()) {
			return link, nil
		}
	}
	// Nodes are reached over IPv4 only; without IPv6 the bridge has no address
	// that the rules would have to think of.
	_ = setSysctl("net/ipv6/conf/"+name+"/disable_ipv6", "1")
	if err := setSysctl("net/ipv4/conf/"+name+"/rp_filter", "1"); err != nil {
		return nil, err
	}
	if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: ipNet(gateway)}); err != nil {
		return nil, fmt.Errorf("address of %s: %w", name, err)
	}
	return link, netlink.LinkSetUp(link)
}

// removeBridge takes the bridge away; that there is none is fine.
func (n *network) removeBridge(subnet int) error { return removeLink(n.bridgeName(subnet)) }

func removeLink(name string) error {
	link, err := netlink.LinkByName(name)
	if isNoLink(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := netlink.LinkDel(link); err != nil && !isNoLink(err) {
		return err
	}
	return nil
}

func isNoLink(err error) bool {
	var missing netlink.LinkNotFoundError
	return errors.As(err, &missing)
}

// connect gives the node whose first process is pid its card eth0 on the
// bridge. It is safe to call for a node that is connected.
func (n *network) connect(ctx context.Context, bridge netlink.Link, subnet, slot, pid int) error {
	name := n.cableName(subnet, slot)
	if link, err := netlink.LinkByName(name); err == nil {
		if link.Attrs().MasterIndex == bridge.Attrs().Index && link.Attrs().Flags&net.FlagUp != 0 {
			return nil
		}
		if err := netlink.LinkDel(link); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	address := n.node(subnet, slot)
	attributes := netlink.NewLinkAttrs()
	attributes.Name, attributes.MasterIndex = name, bridge.Attrs().Index
	attributes.HardwareAddr = hardware(2, address)
	cable := &netlink.Veth{LinkAttrs: attributes, PeerName: "eth0",
		PeerHardwareAddr: hardware(3, address), PeerNamespace: netlink.NsPid(pid)}
	if err := netlink.LinkAdd(cable); err != nil {
		return fmt.Errorf("cable %s cannot be made: %w", name, err)
	}
	_ = setSysctl("net/ipv6/conf/"+name+"/disable_ipv6", "1")
	host, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(host); err != nil {
		return err
	}
	if err := n.configureInside(pid, address, n.gateway(subnet)); err != nil {
		return err
	}
	return netlink.NeighSet(neighbour(bridge, address, hardware(3, address)))
}

// neighbour says which card has an address. Both ends know it from the start:
// nobody has to ask for it, or can answer in another's name.
func neighbour(over netlink.Link, address netip.Addr, card net.HardwareAddr) *netlink.Neigh {
	return &netlink.Neigh{LinkIndex: over.Attrs().Index, State: netlink.NUD_PERMANENT, IP: address.AsSlice(), HardwareAddr: card}
}

// configureInside sets up the node's end of the cable from outside: the node
// has no right to do it.
func (n *network) configureInside(pid int, address, gateway netip.Addr) error {
	space, err := netns.GetFromPid(pid)
	if err != nil {
		return err
	}
	defer space.Close()
	inside, err := netlink.NewHandleAt(space)
	if err != nil {
		return err
	}
	defer inside.Close()
	card, err := inside.LinkByName("eth0")
	if err != nil {
		return err
	}
	if err := inside.AddrReplace(card, &netlink.Addr{IPNet: ipNet(address)}); err != nil {
		return err
	}
	if err := inside.LinkSetUp(card); err != nil {
		return err
	}
	if err := inside.NeighSet(neighbour(card, gateway, hardware(1, gateway))); err != nil {
		return err
	}
	return inside.RouteReplace(&netlink.Route{LinkIndex: card.Attrs().Index, Gw: gateway.AsSlice()})
}

// setSysctl writes a kernel setting unless it has the value.
func setSysctl(path, value string) error {
	file := "/proc/sys/" + path
	if old, err := os.ReadFile(file); err == nil && string(old) == value+"\n" {
		return nil
	}
	return os.WriteFile(file, []byte(value), 0o644)
}
