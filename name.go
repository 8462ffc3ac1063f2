package holm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reservedNames are host names that the installation needs for itself, that
// machines look for on their own, or that visitors would take for the
// operator's.
var reservedNames = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`www www1 www2 api admin administrator dashboard console panel holm operator root support help security
		mail email smtp imap pop pop3 mx webmail autoconfig autodiscover postmaster hostmaster webmaster abuse noreply
		ftp sftp ssh git vpn proxy gateway dns ns ns1 ns2 ns3 ns4 wpad isatap localhost local broadcasthost internal
		auth login signin signup account accounts sso oauth oidc billing
		static assets live docs status new healthz`) {
		names[name] = true
	}
	return names
}()

// CheckEnvironmentName says whether name can be an environment's: a DNS label
// of RFC 1123 in lower case that starts with a letter, at most 40 characters
// (names of nodes are built from it and must stay below 63).
func CheckEnvironmentName(name string) error {
	switch {
	case name == "":
		return Invalid("name", "Give the environment a name.")
	case len(name) > 40:
		return Invalid("name", "The name is longer than 40 characters.")
	case len(strangeIn(name)) > 0:
		return Invalid("name", "The name may have only small letters a–z, digits and hyphens; %s.", doesNotFit(strangeIn(name)))
	case name[0] < 'a' || name[0] > 'z':
		return Invalid("name", "The name must start with a letter a–z.")
	case name[len(name)-1] == '-':
		return Invalid("name", "The name must not end with a hyphen.")
	case strings.HasPrefix(name, "xn--"):
		return Invalid("name", "The name must not start with xn--.")
	case strings.HasPrefix(name, "env-") && len(name) > 36:
		return Invalid("name", "The name looks like an id; choose another.")
	case reservedNames[name]:
		return Invalid("name", "%q is a name the installation needs for itself; choose another.", name)
	}
	return nil
}

// strangeIn gives the characters of a name that no name may have, each once.
func strangeIn(name string) (found []string) {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && !slices.Contains(found, strconv.QuoteRune(r)) {
			found = append(found, strconv.QuoteRune(r))
		}
	}
	return found
}

// doesNotFit says of characters that they do not fit: "'S' and '!' do not fit".
func doesNotFit(found []string) string {
	last := found[len(found)-1]
	if len(found) == 1 {
		return last + " does not fit"
	}
	return strings.Join(found[:len(found)-1], ", ") + " and " + last + " do not fit"
}

// CheckLine says whether text fits one line of a form: at most limit bytes, no
// control characters, nothing that cannot be seen or that turns the direction
// of writing. Such characters make one text look like another, in lists, in
// mails and on terminals.
func CheckLine(field, text string, limit int) error {
	if len(text) > limit {
		return Invalid(field, "The %s is longer than %d characters.", field, limit)
	}
	if !utf8.ValidString(text) {
		return Invalid(field, "The %s is not text in UTF-8.", field)
	}
	for _, r := range text {
		if Hidden(r) {
			return Invalid(field, "The %s has a character that cannot be seen (U+%04X); leave it out.", field, r)
		}
	}
	return nil
}

// CheckName is CheckLine for what people call themselves. It goes into mails
// to others, so it must not be a way to send them to a web page.
func CheckName(field, text string) error {
	if err := CheckLine(field, text, 100); err != nil {
		return err
	}
	lower := strings.ToLower(text)
	if strings.Contains(lower, "://") || strings.Contains(lower, "www.") {
		return Invalid(field, "The %s has a web address in it; write only a name.", field)
	}
	return nil
}

// Hidden says whether a character cannot be seen as itself: control and
// format characters, line and paragraph separators. The two joiners are part
// of scripts and of emoji.
func Hidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return false
	case '\u2028', '\u2029', utf8.RuneError:
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// Visible writes hidden characters as U+XXXX in brackets, for texts that were
// kept before they were refused or that come from outside.
func Visible(text string) string {
	if !strings.ContainsFunc(text, Hidden) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if Hidden(r) {
			fmt.Fprintf(&out, "[U+%04X]", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
