package local

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

// Other software (Docker, ufw, firewalld) may have chains on the forward hook
// that drop by default. A packet passes only when every table lets it, so our
// rules go to the top of these chains. What is passed there has still to pass
// our own table.

// mark is the comment on rules we put into the tables of others: how we find
// them again. The first two bytes are the comment's type and length.
func (f *firewall) mark() []byte {
	text := "holm:" + f.prefix
	return append([]byte{0, byte(len(text) + 1)}, append([]byte(text), 0)...)
}

// passRules let nodes send through a machine that drops by default, and the
// answers come back.
func (f *firewall) passRules() [][]expr.Any {
	return [][]expr.Any{
		rule(name(expr.MetaKeyIIFNAME, expr.CmpOpEq, f.bridges()), []expr.Any{&expr.Counter{}}, verdict(expr.VerdictAccept)),
		rule(name(expr.MetaKeyOIFNAME, expr.CmpOpEq, f.bridges()), established(), []expr.Any{&expr.Counter{}}, verdict(expr.VerdictAccept)),
	}
}

// passForeign puts our rules into every chain that needs them and has none.
func (f *firewall) passForeign(c *nftables.Conn) error {
	chains, err := f.foreignChains(c)
	if err != nil {
		return err
	}
	for _, ch := range chains {
		if ch.Policy == nil || *ch.Policy != nftables.ChainPolicyDrop {
			continue
		}
		if ours, err := f.ourRules(c, ch); err != nil || len(ours) == len(f.passRules()) {
			continue
		}
		for _, exprs := range f.passRules() {
			c.InsertRule(&nftables.Rule{Table: ch.Table, Chain: ch, Exprs: exprs, UserData: f.mark()})
		}
		if err := c.Flush(); err != nil {
			return err
		}
	}
	return f.passLegacy()
}

// foreignChains are the forward chains of other tables that see IPv4.
func (f *firewall) foreignChains(c *nftables.Conn) ([]*nftables.Chain, error) {
	all, err := c.ListChains()
	if err != nil {
		return nil, err
	}
	var out []*nftables.Chain
	for _, ch := range all {
		family := ch.Table.Family
		if family != nftables.TableFamilyIPv4 && family != nftables.TableFamilyINet || ch.Table.Name == f.prefix {
			continue
		}
		if ch.Type == nftables.ChainTypeFilter && ch.Hooknum != nil && *ch.Hooknum == *nftables.ChainHookForward {
			out = append(out, ch)
		}
	}
	return out, nil
}

func (f *firewall) ourRules(c *nftables.Conn, ch *nftables.Chain) ([]*nftables.Rule, error) {
	rules, err := c.GetRules(ch.Table, ch)
	if err != nil {
		return nil, err
	}
	var ours []*nftables.Rule
	for _, r := range rules {
		if bytes.Equal(r.UserData, f.mark()) {
			ours = append(ours, r)
		}
	}
	return ours, nil
}

func (f *firewall) removeForeign(c *nftables.Conn) error {
	chains, err := f.foreignChains(c)
	if err != nil {
		return err
	}
	for _, ch := range chains {
		ours, err := f.ourRules(c, ch)
		if err != nil {
			continue // the table went away meanwhile
		}
		for _, r := range ours {
			if err := c.DelRule(r); err != nil {
				return err
			}
		}
	}
	return errors.Join(c.Flush(), f.removeLegacy())
}

// The older iptables keeps its tables where nftables does not see them; only
// its own program can change them.
const legacyProgram = "iptables-legacy"

// legacyRules are passRules in the older program's words, without the verb.
func (f *firewall) legacyRules() [][]string {
	comment := []string{"-m", "comment", "--comment", "holm:" + f.prefix, "-j", "ACCEPT"}
	return [][]string{
		append([]string{"FORWARD", "-i", f.prefix + "-+"}, comment...),
		append([]string{"FORWARD", "-o", f.prefix + "-+", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED"}, comment...),
	}
}

// legacyUsed says whether the older tables filter on this machine.
func legacyUsed() bool {
	names, err := os.ReadFile("/proc/net/ip_tables_names")
	if err != nil || !strings.Contains(string(names), "filter") {
		return false
	}
	_, err = exec.LookPath(legacyProgram)
	return err == nil
}

func legacy(verb string, rule []string) error {
	return exec.Command(legacyProgram, append([]string{"-w", "5", verb}, rule...)...).Run()
}

func (f *firewall) passLegacy() error {
	if !legacyUsed() {
		return nil
	}
	for _, r := range f.legacyRules() {
		if legacy("-C", r) == nil {
			continue
		}
		if err := legacy("-I", r); err != nil {
			return err
		}
	}
	return nil
}

func (f *firewall) removeLegacy() error {
	if !legacyUsed() {
		return nil
	}
	for _, r := range f.legacyRules() {
		if legacy("-C", r) != nil {
			continue
		}
		if err := legacy("-D", r); err != nil {
			return err
		}
	}
	return nil
}
