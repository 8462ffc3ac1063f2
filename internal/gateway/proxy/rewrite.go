package proxy

import (
	"net/http"
	"net/http/httputil"
	"strings"

	"github.com/holmhq/holm/internal/origin"
)

// rewrite makes the request that the environment gets. What a visitor says
// about where they come from is not passed on as if Holm had said it.
func (p *Proxy) rewrite(pr *httputil.ProxyRequest) {
	in, out := pr.In, pr.Out
	out.URL.Scheme = "http"
	out.URL.Host = in.Host
	out.URL.RawQuery = in.URL.RawQuery // as it came: how to read it is the environment's business
	out.Host = in.Host
	if p.o.Proxies.Has(origin.Peer(in)) {
		out.Header["X-Forwarded-For"] = in.Header["X-Forwarded-For"]
	}
	pr.SetXForwarded()
	out.Header.Set("X-Forwarded-Proto", p.o.Proxies.Scheme(in))
	out.Header.Set("X-Real-Ip", p.o.Proxies.Address(in))
	// CGI would make this one the program's own proxy (httpoxy).
	out.Header.Del("Proxy")
	keepTokens(out.Header)
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header.Set("User-Agent", "") // else Go names itself
	}
	keepCookies(out.Header)
}

// keepTokens takes Holm's own tokens out of a request: somebody who sends one
// to an environment by mistake must not give it to who deployed there. Other
// credentials are between the visitor and the environment.
func keepTokens(h http.Header) {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, value := range h[name] {
			if strings.Contains(value, "holm_") {
				h.Del(name)
				break
			}
		}
	}
}

// ours says whether a cookie is the dashboard's. Those must never be seen by
// code that collaborators deploy.
func ours(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.TrimPrefix(strings.TrimPrefix(name, "__host-"), "__secure-")
	return strings.HasPrefix(name, "holm_")
}

// keepCookies takes the dashboard's cookies out of a request and leaves the
// others byte for byte.
func keepCookies(h http.Header) {
	lines := h["Cookie"]
	if len(lines) == 0 {
		return
	}
	kept := make([]string, 0, len(lines))
	for _, line := range lines {
		parts := strings.Split(line, ";")
		left := parts[:0]
		for _, part := range parts {
			name, _, _ := strings.Cut(part, "=")
			if !ours(name) {
				left = append(left, part)
			}
		}
		if line = strings.TrimSpace(strings.Join(left, ";")); line != "" {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		h.Del("Cookie")
		return
	}
	h["Cookie"] = kept
}

// guard keeps an environment from reaching beyond its own host by headers.
func (p *Proxy) guard(response *http.Response) error {
	h := response.Header
	if cookies := h["Set-Cookie"]; len(cookies) > 0 {
		kept := make([]string, 0, len(cookies))
		for _, c := range cookies {
			if ownCookie(c, origin.Host(response.Request.Host)) {
				kept = append(kept, c)
			}
		}
		if h.Del("Set-Cookie"); len(kept) > 0 {
			h["Set-Cookie"] = kept
		}
	}
	// This one clears what every host of the base domain has stored, the
	// dashboard's sign-in too.
	h.Del("Clear-Site-Data")
	// Where else to connect is for the edge to say.
	h.Del("Alt-Svc")
	return nil
}

// ownCookie says whether a cookie stays with the environment that sets it:
// one for a parent domain would reach the dashboard and other environments,
// where it could take the place of a cookie of theirs.
func ownCookie(line, host string) bool {
	name, _, _ := strings.Cut(line, "=")
	if ours(name) {
		return false
	}
	for _, attribute := range strings.Split(line, ";")[1:] {
		key, value, _ := strings.Cut(attribute, "=")
		if !strings.EqualFold(strings.TrimSpace(key), "domain") {
			continue
		}
		domain := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(value), "."))
		if domain != "" && domain != host {
			return false
		}
	}
	return true
}
