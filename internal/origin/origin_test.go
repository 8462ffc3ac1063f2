package origin

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func trust(t testing.TB, text string) Proxies {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestForwardedAddressesAreBelievedFromTheNearEnd(t *testing.T) {
	p := trust(t, "10.0.0.0/8, 2001:db8:1::/48")
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.5:1", "198.51.100.1", "203.0.113.5"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "evil, 198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "127.0.0.1, 198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "127.0.0.1, 198.51.100.1, 10.2.0.1", "198.51.100.1"},
		{"10.0.0.1:1", "1.1.1.1, junk", "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.1:4711", "198.51.100.1"},
		{"10.0.0.1:1", "[2001:db8::1]:4711", "2001:db8::1"},
		{"10.0.0.1:1", "fe80::1%eth0", "fe80::1"},
		{"[::ffff:10.0.0.1]:1", "2001:db8::1", "2001:db8::1"},
		{"[2001:db8:1::5]:1", "::ffff:198.51.100.1", "198.51.100.1"},
		{"@", "198.51.100.1", "@"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := p.Address(r); got != c.want {
			t.Errorf("%s says %q: %s, wanted %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestSeveralHeadersAreOneList(t *testing.T) {
	r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {"127.0.0.1", "198.51.100.1"}}}
	if got := trust(t, "10.0.0.1").Address(r); got != "198.51.100.1" {
		t.Error(got)
	}
}

func TestOnlyProxiesSayWhetherItWasTLS(t *testing.T) {
	p := trust(t, "10.0.0.1")
	for _, c := range []struct {
		peer  string
		tls   bool
		proto []string
		want  bool
	}{
		{"203.0.113.5:1", false, []string{"https"}, false},
		{"203.0.113.5:1", true, nil, true},
		{"10.0.0.1:1", false, nil, false},
		{"10.0.0.1:1", false, []string{"HTTPS"}, true},
		{"10.0.0.1:1", false, []string{"http, https"}, true},
		{"10.0.0.1:1", false, []string{"https, http"}, false},
		{"10.0.0.1:1", false, []string{"https", "http"}, false},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-Proto": c.proto}}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := p.Secure(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestListsOfProxies(t *testing.T) {
	p := trust(t, " 127.0.0.1, ::1 ,192.168.0.7/16,,::ffff:10.0.0.0/104 ")
	for address, want := range map[string]bool{"127.0.0.1": true, "127.0.0.2": false, "::1": true, "192.168.255.1": true, "::ffff:192.168.1.1": true,
		"10.1.1.1": true, "11.1.1.1": false, "": false, "localhost": false} {
		if p.Has(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	for _, text := range []string{"localhost", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0.1 10.0.0.2", "10.0.0.1:80"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if p := trust(t, ""); p.Has("127.0.0.1") {
		t.Error("nobody is trusted and somebody is")
	}
}

// Whatever a client writes, the address is what the nearest trusted proxy saw.
func TestNoClientChoosesItsAddress(t *testing.T) {
	p := trust(t, "10.0.0.0/8")
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.StringMatching(`[0-9a-f.:, ]{0,60}`).Draw(t, "written")
		seen := netip.AddrFrom4([4]byte{203, 0, 113, byte(rapid.IntRange(0, 255).Draw(t, "last"))}).String()
		r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {written + ", " + seen}}}
		if got := p.Address(r); got != seen {
			t.Fatalf("%q: %s", r.Header, got)
		}
	})
}

func TestHosts(t *testing.T) {
	for given, want := range map[string]string{"Holm.Example.org": "holm.example.org", "holm.example.org.:8080": "holm.example.org", "127.0.0.1:80": "127.0.0.1",
		"[::1]:80": "::1", "[::1]": "::1", "": ""} {
		if got := Host(given); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
}
