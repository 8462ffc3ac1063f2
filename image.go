package holm

import "strings"

// IsImageReference says whether a text can be the reference of an OCI image,
// told from a plain version by a slash, colon or at sign in it.
func IsImageReference(text string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@"
	return strings.ContainsAny(text, "/:@") && len(text) <= 255 && strings.Trim(text, allowed) == "" && text[0] != '-'
}
