package local

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// firewall keeps environments apart by one nftables table that is the same
// whatever environments there are: all their bridges begin with the prefix.
//
//	forward      what stays on one bridge passes (only seen where the kernel
//	             shows bridged packets to us); answers from outside pass;
//	             everything else to a bridge is dropped, so also other
//	             environments and the neighbours of this machine;
//	             link-local addresses (a cloud's metadata) are dropped
//	input        answers and ping pass, everything else to the machine is dropped
//	postrouting  what leaves the private range gets the machine's address
type firewall struct {
	prefix string
	all    netip.Prefix
	mu     sync.Mutex
}

// wantedRules is how many rules each chain has; fewer or more means that
// somebody changed the table.
func (f *firewall) wantedRules() map[string]int {
	out := map[string]int{}
	for _, c := range f.chains() {
		out[c.name] = len(c.rules)
	}
	return out
}

type chain struct {
	name     string
	kind     nftables.ChainType
	hook     *nftables.ChainHook
	priority *nftables.ChainPriority
	rules    [][]expr.Any
}

func (f *firewall) chains() []chain {
	fromNode, toNode := name(expr.MetaKeyIIFNAME, expr.CmpOpEq, f.bridges()), name(expr.MetaKeyOIFNAME, expr.CmpOpEq, f.bridges())
	notFromNode, notToNode := name(expr.MetaKeyIIFNAME, expr.CmpOpNeq, f.bridges()), name(expr.MetaKeyOIFNAME, expr.CmpOpNeq, f.bridges())
	linkLocal := netip.MustParsePrefix("169.254.0.0/16")
	return []chain{
		{"forward", nftables.ChainTypeFilter, nftables.ChainHookForward, nftables.ChainPriorityFilter, [][]expr.Any{
			rule(fromNode, sameBridge(), verdict(expr.VerdictAccept)),
			rule(notFromNode, toNode, established(), verdict(expr.VerdictAccept)),
			rule(toNode, verdict(expr.VerdictDrop)),
			rule(fromNode, ipv4(ipv4Destination, expr.CmpOpEq, linkLocal), verdict(expr.VerdictDrop)),
			rule(fromNode, ipv4(ipv4Source, expr.CmpOpNeq, f.all), verdict(expr.VerdictDrop)),
		}},
		{"input", nftables.ChainTypeFilter, nftables.ChainHookInput, nftables.ChainPriorityFilter, [][]expr.Any{
			rule(fromNode, established(), verdict(expr.VerdictAccept)),
			rule(fromNode, ping(), verdict(expr.VerdictAccept)),
			rule(fromNode, verdict(expr.VerdictDrop)),
		}},
		{"postrouting", nftables.ChainTypeNAT, nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource, [][]expr.Any{
			rule(ipv4(ipv4Source, expr.CmpOpEq, f.all), notToNode, []expr.Any{&expr.Masq{}}),
		}},
	}
}

// bridges is how the names of all bridges and cables begin.
func (f *firewall) bridges() []byte { return []byte(f.prefix + "-") }

// ensure puts the table in place unless it is, and lets nodes through tables
// of others that would drop what they send.
func (f *firewall) ensure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := nftables.New()
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	if !f.intact(c) {
		if err := f.install(c); err != nil {
			return fmt.Errorf("nftables table %s: %w", f.prefix, err)
		}
	}
	return f.passForeign(c)
}

func (f *firewall) table() *nftables.Table {
	return &nftables.Table{Family: nftables.TableFamilyINet, Name: f.prefix}
}

func (f *firewall) intact(c *nftables.Conn) bool {
	for name, want := range f.wantedRules() {
		rules, err := c.GetRules(f.table(), &nftables.Chain{Table: f.table(), Name: name})
		if err != nil || len(rules) != want {
			return false
		}
	}
	return true
}

// install replaces the table in one transaction: at no moment is there none.
func (f *firewall) install(c *nftables.Conn) error {
	c.AddTable(f.table()) // so that deleting cannot fail
	c.DelTable(f.table())
	table := c.AddTable(f.table())
	for _, ch := range f.chains() {
		made := c.AddChain(&nftables.Chain{Table: table, Name: ch.name, Type: ch.kind, Hooknum: ch.hook, Priority: ch.priority})
		for _, r := range ch.rules {
			c.AddRule(&nftables.Rule{Table: table, Chain: made, Exprs: r})
		}
	}
	return c.Flush()
}

// remove takes away the table and every rule in the tables of others.
func (f *firewall) remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := nftables.New()
	if err != nil {
		return err
	}
	err = f.removeForeign(c)
	c.AddTable(f.table())
	c.DelTable(f.table())
	return errors.Join(err, c.Flush())
}

func rule(parts ...[]expr.Any) []expr.Any {
	var out []expr.Any
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// name compares the beginning of a card's name.
func name(key expr.MetaKey, op expr.CmpOp, begin []byte) []expr.Any {
	return []expr.Any{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: op, Register: 1, Data: begin}}
}

// sameBridge holds when the way to the packet's target leads out where the
// packet came in.
func sameBridge() []expr.Any {
	return []expr.Any{
		&expr.Fib{Register: 1, FlagDADDR: true, FlagIIF: true, ResultOIF: true},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

func established() []expr.Any {
	state := []byte{byte(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED), 0, 0, 0}
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: state, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

// ping holds for ICMP echo requests.
func ping() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_ICMP}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 0, Len: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{8}},
	}
}

// Where addresses lie in an IPv4 header.
const (
	ipv4Source      = 12
	ipv4Destination = 16
)

// ipv4 compares an address of an IPv4 packet with a range.
func ipv4(offset uint32, op expr.CmpOp, in netip.Prefix) []expr.Any {
	network := in.Addr().As4()
	bits := ^uint32(0) << (32 - in.Bits())
	mask := []byte{byte(bits >> 24), byte(bits >> 16), byte(bits >> 8), byte(bits)}
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.NFPROTO_IPV4}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: op, Register: 1, Data: network[:]},
	}
}

func verdict(kind expr.VerdictKind) []expr.Any { return []expr.Any{&expr.Verdict{Kind: kind}} }
