package holm

import (
	"strings"
	"unicode"
)

// alike are characters that look like others, as a person reads them in a
// list: letters of other scripts, ligatures and digits.
var alike = func() map[rune]string {
	m := map[rune]string{}
	for _, pair := range strings.Fields(`
		а:a в:b е:e ё:e ѐ:e з:3 і:i ї:i ј:j к:k м:m н:h о:o р:p с:c т:t у:y х:x ѕ:s ԁ:d ԛ:q ԝ:w һ:h ӏ:l ѵ:v ѡ:w ь:b г:r п:n ш:w
		α:a β:b γ:y ε:e η:n ι:i κ:k μ:u ν:v ο:o ρ:p σ:o τ:t υ:u χ:x ω:w ϲ:c ϳ:j
		ա:w ո:n օ:o ս:u հ:h ց:g զ:q յ:j
		ﬀ:ff ﬁ:fi ﬂ:fl ﬃ:ffi ﬄ:ffl ﬅ:st ﬆ:st ĳ:ij œ:oe æ:ae ß:ss ǉ:lj ǌ:nj ʣ:dz
		à:a á:a â:a ã:a ä:a å:a ā:a ă:a ą:a ǎ:a ạ:a ả:a ç:c ć:c č:c ĉ:c ċ:c ď:d đ:d ð:d è:e é:e ê:e ë:e ē:e ĕ:e ė:e ę:e ě:e ẹ:e
		ĝ:g ğ:g ġ:g ģ:g ĥ:h ħ:h ì:i í:i î:i ï:i ĩ:i ī:i ĭ:i į:i ı:i ị:i ĵ:j ķ:k ĺ:l ļ:l ľ:l ł:l ŀ:l ḷ:l ñ:n ń:n ņ:n ň:n ò:o ó:o ô:o õ:o ö:o ø:o ō:o ŏ:o ő:o ọ:o
		ŕ:r ŗ:r ř:r ś:s ŝ:s ş:s š:s ș:s ţ:t ť:t ț:t ŧ:t ù:u ú:u û:u ü:u ũ:u ū:u ŭ:u ů:u ű:u ų:u ụ:u ŵ:w ý:y ÿ:y ŷ:y ź:z ż:z ž:z
		ɑ:a ɡ:g ɩ:i ʟ:l ɪ:i ɴ:n ᴀ:a ᴄ:c ᴅ:d ᴇ:e ᴊ:j ᴋ:k ᴍ:m ᴏ:o ᴘ:p ᴛ:t ᴜ:u ᴠ:v ᴡ:w ᴢ:z ꜰ:f ǀ:l ſ:s ℓ:l ⅼ:l ⅰ:i ⅾ:d ⅽ:c ⅿ:m
		0:o 1:l |:l !:l $:s`) {
		from, to, _ := strings.Cut(pair, ":")
		m[[]rune(from)[0]] = to
	}
	return m
}()

// Skeleton is what a name looks like: two names with one skeleton can be taken
// for each other. It is for comparing only. i, l and 1 are alike, and neither
// case, accents, spaces nor what stands between words count.
func Skeleton(name string) string {
	var out strings.Builder
	// Capitals are alike in other ways than small letters: I is an l.
	for _, r := range name {
		switch {
		case r >= 0xff01 && r <= 0xff5e: // full width
			r -= 0xfee0
		case r >= 0x1d400 && r <= 0x1d6a3: // letters of mathematics
			if r = (r - 0x1d400) % 52; r < 26 {
				r += 'A'
			} else {
				r += 'a' - 26
			}
		}
		if r == 'Ι' || r == 'І' || r == 'Ӏ' || r == 'I' {
			r = 'l'
		}
		r = unicode.ToLower(r)
		plain, ok := alike[r]
		switch {
		case ok:
			out.WriteString(plain)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out.WriteRune(r)
		}
	}
	return strings.NewReplacer("i", "l", "rn", "m", "vv", "w").Replace(out.String())
}

// takenLooks are the skeletons of what means something where access is given:
// the presets, the roles, and what people call them.
var takenLooks = func() map[string]bool {
	m := map[string]bool{}
	for _, word := range []string{"none", "limited", "full", "inherit", "custom", "owner", "viewer", "admin", "administrator", "operator"} {
		for _, form := range []string{word, word + " access", word + " level", word + " role"} {
			m[Skeleton(form)] = true
		}
	}
	return m
}()

// CheckLook refuses a name of a level or group that could be taken for a
// preset, a role, or one of the others.
func CheckLook(what, name string, others []string) error {
	look := Skeleton(name)
	if look == "" {
		return Invalid("name", "The name has no letter or digit; write one that people can read.")
	}
	if takenLooks[look] {
		return Invalid("name", "%q looks like a level or role that is there for everybody; choose another name for the %s.", name, what)
	}
	for _, other := range others {
		if Skeleton(other) == look {
			return Invalid("name", "%q looks like %q, which is on this account already; choose a name that nobody takes for it.", name, other)
		}
	}
	return nil
}
