package holm

import (
	"net/mail"
	"strings"
)

// ParseEmail checks an e-mail address as a person types it. Only plain ASCII
// addresses are taken: a Unicode look-alike of somebody's address (а for a)
// must never be taken for theirs. Line breaks cannot pass, so an address is
// safe in a mail header.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", Invalid("email", "Write an e-mail address.")
	}
	if len(s) > 254 {
		return "", Invalid("email", "The e-mail address is longer than 254 characters.")
	}
	for _, r := range s {
		if r > 126 || r < 33 {
			return "", Invalid("email", "The e-mail address has a character that is not plain ASCII; write it with a–z, digits and . _ + - only.")
		}
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return "", Invalid("email", "%q is not an e-mail address.", s)
	}
	local, domain, _ := strings.Cut(s, "@")
	if local == "" || domain == "" || strings.Contains(domain, "@") || strings.ContainsAny(s, `"<>()[]\,;:`) {
		return "", Invalid("email", "%q is not an e-mail address.", s)
	}
	return s, nil
}

// EmailKey is the form in which addresses are compared: letters in lower
// case, nothing else changed (dots and +tags are the mail server's business).
func EmailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
