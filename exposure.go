package holm

import "time"

// Exposure is a secret of an account that somebody could have read.
type Exposure struct {
	Kind        ExposureKind
	Environment EnvironmentID
	Name        string // of the environment
	Alias       string
	Variable    string    // name of the variable, for variables
	Layer       LayerID   // whose servers' password it is, for passwords
	Role        LayerRole // of the layer
	How         ExposureHow
	ReadAt      time.Time // when they asked for it or it was mailed, zero when they did not
	State       ExposureState
}

// ExposureKind is what kind of secret somebody could have read.
type ExposureKind string

// The kinds of exposures.
const (
	ExposedVariable ExposureKind = "variable"
	ExposedPassword ExposureKind = "password"
)

// ExposureHow is how somebody could have read a secret.
type ExposureHow string

// The ways to a secret, the surest first.
const (
	ExposedAsked  ExposureHow = "asked"  // they asked for the value
	ExposedMailed ExposureHow = "mailed" // it was mailed to them
	ExposedMayAsk ExposureHow = "listed" // they could ask for the value
	ExposedInside ExposureHow = "inside" // they could run code where it is used
)

// ExposureState is whether a secret is still the one that somebody knows.
type ExposureState string

// The states of an exposure.
const (
	ExposureOpen    ExposureState = "open"
	ExposureMarked  ExposureState = "marked"  // said to be changed, and not yet changed
	ExposureRotated ExposureState = "rotated" // it is another one by now
	ExposureGone    ExposureState = "gone"    // it is not used any more
)

// Known says whether the secret is still the one that somebody knows.
func (s ExposureState) Known() bool { return s == ExposureOpen || s == ExposureMarked }
