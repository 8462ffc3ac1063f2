package config

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/holmhq/holm/internal/origin"
)

// PublicHost is the host of the dashboard's URL, without port; "" while the
// URL is not known yet.
func (c Config) PublicHost() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return origin.Host(u.Host)
}

// Warnings tells what works and is still not as it should be, a sentence
// each.
func (c Config) Warnings() (list []string) {
	for _, name := range c.Exposed {
		list = append(list, "The password in --"+name+" can be seen by every user of this machine; put it into a file and name that with --"+name+"-file.")
	}
	host, secure := c.PublicHost(), strings.HasPrefix(c.PublicURL, "https://")
	if secure && c.HTTPS == "" && len(c.Proxies) == 0 {
		list = append(list, "The dashboard's URL is https and Holm serves plain HTTP, but no proxy is named with --trusted-proxies: everybody will seem to come from the proxy's address, so one person who guesses passwords locks everybody out. Name the proxy.")
	}
	switch {
	case host == c.BaseDomain:
		list = append(list, "The dashboard is at the base domain "+host+": pages of environments can set cookies for it and sign people out. Give the dashboard a host of another domain with --public-url.")
	case sameSite(host, c.BaseDomain):
		list = append(list, "The dashboard ("+host+") and the environments (*."+c.BaseDomain+") are of one site: pages of environments can set cookies for the whole site. Give environments a domain of their own with --base-domain.")
	}
	return list
}

// secret says whether the text of an option holds a password.
func secret(name, text string) bool {
	switch name {
	case "operator-password":
		return text != ""
	case "database", "smtp":
		u, err := url.Parse(text)
		if err != nil || u.User == nil {
			return false
		}
		_, has := u.User.Password()
		return has
	}
	return false
}

// sameSite says whether browsers take two hosts for one site: the same domain
// that somebody can register.
func sameSite(a, b string) bool {
	if _, err := netip.ParseAddr(a); err == nil {
		return false
	}
	one, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	two, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && one == two
}
