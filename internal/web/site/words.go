package site

import (
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// levels and roles say in words what they allow. A test holds the words of
// levels to the table of permissions.
var (
	levelNames = map[holm.Level]string{holm.LevelInherit: "Inherit", holm.LevelNone: "None", holm.LevelLimited: "Limited", holm.LevelFull: "Full"}

	levelSentences = map[holm.Level]string{
		holm.LevelNone:    "Cannot see it.",
		holm.LevelLimited: "Start, stop, restart, deploy, edit configuration, read logs and usage, manage domains and certificates. No SSH, no scaling, no variables.",
		holm.LevelFull:    "Everything in it, with SSH, scaling and variables. Only the owner deletes, clones, transfers or shares it.",
	}

	roleSentences = map[holm.Role]string{
		holm.RoleViewer: "Uses what is shared.",
		holm.RoleAdmin:  "Uses what is shared, and may create environments on this account; they belong to the account.",
	}
)

// LevelName is how a level is written: "Limited". Of several that add up, each
// is written so.
func LevelName(level string) string {
	if name, ok := levelNames[holm.Level(level)]; ok {
		return name
	}
	if first, rest, several := strings.Cut(level, " + "); several {
		return LevelName(first) + " + " + LevelName(rest)
	}
	return access.Words(level) // a single permission that was asked for
}

// LevelSentence says what a level allows.
func LevelSentence(level string) string { return levelSentences[holm.Level(level)] }

// RoleSentence says what a role on an account allows.
func RoleSentence(role string) string { return roleSentences[holm.Role(role)] }
