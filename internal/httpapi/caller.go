package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// caller finds out who asks. Only the Authorization header is looked at: a
// cookie that a browser adds by itself is never proof here.
func (a *api) caller(r *http.Request, op *ops.Operation, address string) (dispatch.Caller, error) {
	c := dispatch.Caller{Road: holm.RoadAPI, Address: address, Device: dispatch.ShortDevice(r.UserAgent())}
	if r.Header.Get("Holm-Road") == string(holm.RoadCommandLine) {
		c.Road = holm.RoadCommandLine
	}
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		return c, nil // the door says what that is worth
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return c, holm.Errorf(holm.CodeUnauthorized, "Sign in with one header Authorization: Bearer and a token.")
	}
	known, err := a.door.Authenticate(r.Context(), strings.TrimSpace(token), c)
	if err != nil && holm.CodeOf(err) == holm.CodeUnauthorized && op == ops.SessionCreate.Operation {
		return c, nil // who signs in anew may still send the old token
	}
	return known, err
}

// address is the client's, without port: that of the connection, or what
// trusted proxies say. The list is read from the near end, where it was
// written by those we trust, up to the first address that we do not.
func (a *api) address(r *http.Request) string {
	peer := hostOf(r.RemoteAddr)
	if !a.trusted(peer) {
		return peer
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = hop.Unmap().String()
		if !a.trusted(peer) {
			break
		}
	}
	return peer
}

func (a *api) trusted(address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, p := range a.o.TrustedProxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

func hostOf(address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		return ap.Addr().Unmap().WithZone("").String()
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
