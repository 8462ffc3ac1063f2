package holm

import (
	"strings"
	"time"
)

// Level is what a collaborator may do in one environment: a preset, or the id
// of a level of the account's own.
type Level string

// The preset levels, each including the one before it. None hides the
// environment, also from who would see it through a group.
const (
	LevelNone    Level = "none"
	LevelLimited Level = "limited"
	LevelFull    Level = "full"
	// LevelInherit is nothing of one's own: groups and the access to all
	// environments decide.
	LevelInherit Level = "inherit"
)

// Valid says whether l is a preset level.
func (l Level) Valid() bool { return l == LevelNone || l == LevelLimited || l == LevelFull }

// levelPrefix begins the ids of levels of an account's own.
const levelPrefix = "lvl_"

// Own says whether l is the id of a level of an account's own.
func (l Level) Own() bool { return strings.HasPrefix(string(l), levelPrefix) }

// CustomLevel is a level of an account's own.
type CustomLevel struct {
	ID          Level
	Account     AccountID
	Name        string
	Permissions []string
	CreatedAt   time.Time
	Used        int // how often it is given, counted
}

// takenLevels are names that mean something where a level is given.
var takenLevels = map[string]bool{"none": true, "limited": true, "full": true, "owner": true, "inherit": true, "custom": true}

// CheckLevelName says whether a level may be called name: letters, digits,
// spaces and . _ - of any language, so that it can stand in name=level.
func CheckLevelName(name string) error {
	if takenLevels[NameKey(name)] {
		return Invalid("name", "%s means something already where a level is given; choose another name.", name)
	}
	return checkTitle("level", levelPrefix, name)
}

// CheckGroupName says whether a group may be called name.
func CheckGroupName(name string) error { return checkTitle("group", groupPrefix, name) }

// NameKey is how names of levels and groups are compared: without case.
func NameKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func checkTitle(what, prefix, name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return Invalid("name", "Give the %s a name.", what)
	case strings.TrimSpace(name) != name || strings.Contains(name, "  "):
		return Invalid("name", "The name must not begin or end with a space, or have two in a row.")
	case strings.HasPrefix(name, prefix):
		return Invalid("name", "The name looks like an id; choose another.")
	}
	if err := CheckLine("name", name, 60); err != nil {
		return err
	}
	if strings.ContainsAny(name, `,=@:;/\"'+<>|*?!`+"`") {
		return Invalid("name", "The name may have letters, digits, spaces, dots, hyphens and underscores.")
	}
	return nil
}

// GroupID names a group of collaborators.
type GroupID string

const groupPrefix = "grp_"

// Group is people of one account who are given access together.
type Group struct {
	ID        GroupID
	Account   AccountID
	Name      string
	Wide      Level     // on all environments, those to come too; "" is nothing
	WideUntil time.Time // zero: no end
	CreatedAt time.Time
}

// GroupMember is a collaborator in a group.
type GroupMember struct {
	Group        GroupID
	Collaborator CollaboratorID
	Email        string
	Name         string
	Status       Status
	Until        time.Time // when the membership ends by itself; zero: never
}

// GroupGrant is a level given to a group in one environment.
type GroupGrant struct {
	Group       GroupID
	Environment EnvironmentID
	Level       Level
	Until       time.Time // zero: no end
}
