package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Longest texts in bytes, below what the mail port takes.
const (
	longestName    = 180
	longestSubject = 380
)

// clean makes text that people chose fit for one line of a mail: no control
// characters, nothing that turns the direction of writing or hides, single
// spaces, not too long, and nothing that a mail program would make a link.
// Mails go to people who do not know the writer yet, so a name must not be a
// way to send them one's own message.
func clean(text string, longest int) string {
	return clip(unlink(plain(text)), longest)
}

// plain is clean for what is known to be an address, which may be a link.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r):
			return -1
		case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d': // joiners are part of scripts and emoji
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// unlink puts an invisible word joiner where a mail program would see the
// middle of a web or mail address.
func unlink(text string) string {
	const joiner = "\u2060"
	text = strings.NewReplacer("://", ":"+joiner+"//", "@", "@"+joiner).Replace(text)
	var out strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		out.WriteRune(r)
		if r == '.' && i > 0 && i+1 < len(runes) && !unicode.IsSpace(runes[i-1]) && unicode.IsLetter(runes[i+1]) {
			out.WriteString(joiner)
		}
	}
	return out.String()
}

// clip shortens text to at most longest bytes.
func clip(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	cut := longest - len("…")
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.TrimRight(text[:cut], " ") + "…"
}

// wrap breaks a paragraph into lines of at most width characters where it can.
func wrap(text string, width int) string {
	var out strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			out.WriteByte('\n')
			at = 0
		default:
			out.WriteByte(' ')
			at++
		}
		out.WriteString(word)
		at += n
	}
	return out.String()
}
