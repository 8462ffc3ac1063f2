package app

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/holmhq/holm/internal/gateway/proxy"
	"github.com/holmhq/holm/internal/httpapi"
	"github.com/holmhq/holm/internal/origin"
)

// isAPI says whether a path is REST's; every other one is the dashboard's.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/v1/") || path == "/docs" || strings.HasPrefix(path, "/docs/") || isProbe(path)
}

// isProbe says whether a path only tells how the program is. Whoever watches
// it may use any name for it.
func isProbe(path string) bool { return path == "/healthz" || path == "/readyz" }

// ownHosts lets requests for Holm itself through where the host is one of its
// own: that of the public URL, a bare address, or localhost. Under any other
// name a foreign page could make itself the dashboard's neighbour (set its
// cookies, or point a domain of its own here). The base domain leads on to the
// dashboard; elsewhere the answer says where it is.
func (a *App) ownHosts(next http.Handler) http.Handler {
	public, secure := a.config.PublicHost(), strings.HasPrefix(a.config.PublicURL, "https://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := origin.Host(r.Host)
		switch {
		case isProbe(r.URL.Path):
		case host == public && secure && a.secure != nil && !a.config.Proxies.Secure(r) && r.Header.Get("X-Forwarded-Proto") == "":
			// Holm itself speaks TLS: what comes in the clear is led there, or
			// refused when it may carry a secret already. Behind a proxy that
			// nobody named, leading there would lead here again.
			a.away(w, r)
			return
		case host == public:
			if secure && a.config.Proxies.Secure(r) {
				w.Header().Set("Strict-Transport-Security", "max-age=31536000")
			}
		case bare(host):
		case host == a.config.BaseDomain:
			a.away(w, r)
			return
		default:
			a.refuseHost(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// away leads to the same page at the public URL. What would change something
// is not sent on: it was meant for another host.
func (a *App) away(w http.ResponseWriter, r *http.Request) {
	if (r.Method != http.MethodGet && r.Method != http.MethodHead) || isAPI(r.URL.Path) {
		a.refuseHost(w, r)
		return
	}
	to := a.config.PublicURL + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusTemporaryRedirect)
}

func (a *App) refuseHost(w http.ResponseWriter, r *http.Request) {
	if isAPI(r.URL.Path) {
		httpapi.Misdirected(w, a.config.PublicURL)
		return
	}
	proxy.Elsewhere(w, r, a.config.PublicURL)
}

// bare says whether a host is an address or this machine: no domain that
// somebody else could point here.
func bare(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost"
}
