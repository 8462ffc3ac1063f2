// Package origin says where a request comes from: its address, whether it
// came over TLS, and which host it asks. Proxies in front of Holm are believed
// where the operator has named them, and nobody else is.
//
// It must not know who asks, nor what for.
package origin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/holmhq/holm"
)

// Proxies are the peers whose X-Forwarded-For and X-Forwarded-Proto are
// believed. Without any, nobody's are.
type Proxies []netip.Prefix

// Parse reads a list of addresses and networks, separated by commas.
func Parse(text string) (Proxies, error) {
	var list Proxies
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if address, single := netip.ParseAddr(part); single == nil {
			prefix, err = netip.PrefixFrom(address.WithZone(""), address.BitLen()), nil
		}
		if err != nil {
			return nil, holm.Errorf(holm.CodeInvalid, "%q is neither an address nor a network; write them like 127.0.0.1, 10.0.0.0/8.", part)
		}
		if prefix.Bits() == 0 {
			return nil, holm.Errorf(holm.CodeInvalid, "%s is everybody; whoever is trusted can write any address into the log, so name only the proxies in front of Holm.", part)
		}
		if prefix.Addr().Is4In6() {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), max(prefix.Bits()-96, 0))
		}
		list = append(list, prefix.Masked())
	}
	return list, nil
}

// Has says whether an address, without port, is one of the proxies.
func (p Proxies) Has(address string) bool {
	if len(p) == 0 {
		return false
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(ip.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// Address is the client's, without port: that of the connection, or what the
// proxies say. Their list is read from the near end, where it was written by
// those we trust, up to the first address that we do not.
func (p Proxies) Address(r *http.Request) string {
	peer := Peer(r)
	if !p.Has(peer) {
		return peer
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := hopAddress(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		if peer = hop; !p.Has(peer) {
			break
		}
	}
	return peer
}

// hopAddress reads one entry of X-Forwarded-For; some proxies write a port.
func hopAddress(text string) (string, bool) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip.Unmap().WithZone("").String(), true
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone("").String(), true
	}
	return "", false
}

// Scheme is how the client speaks to the first of us: https when the
// connection is TLS or a proxy says that its own was, else http.
func (p Proxies) Scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	if said := r.Header.Values("X-Forwarded-Proto"); len(said) > 0 && p.Has(Peer(r)) {
		last := said[len(said)-1] // the nearest proxy's word
		if i := strings.LastIndexByte(last, ','); i >= 0 {
			last = last[i+1:]
		}
		if strings.EqualFold(strings.TrimSpace(last), "https") {
			return "https"
		}
	}
	return "http"
}

// Secure says whether the client speaks TLS.
func (p Proxies) Secure(r *http.Request) bool { return p.Scheme(r) == "https" }

// Peer is the other end of the connection, without port.
func Peer(r *http.Request) string {
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return ap.Addr().Unmap().WithZone("").String()
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// Host makes the name of a Host header comparable: no port, no dot at its
// end, lower case, no brackets around an address.
func Host(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
