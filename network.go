package holm

import "net/netip"

// Network is what one customer of a provider has of an address: an IPv4
// address itself, or the 2^64 IPv6 addresses around it at least. What is no
// address stays as it is.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}
