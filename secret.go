package holm

import "log/slog"

// Secret is a value that must never be seen again: it prints, logs and
// marshals as a mask. Reveal is the only way to its value.
type Secret struct{ value string }

const mask = "••••••"

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal gives the value.
func (s Secret) Reveal() string { return s.value }

// Empty says whether there is no value.
func (s Secret) Empty() bool { return s.value == "" }

// String gives a mask, never the value.
func (s Secret) String() string { return mask }

// GoString gives a mask, never the value.
func (s Secret) GoString() string { return mask }

// LogValue gives a mask, never the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText gives a mask, never the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// UnmarshalText takes a value.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
