package local

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// full says whether something failed because there is no room on the disk.
func full(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// internal gives what failed on this machine a sentence. A full disk is said
// to be one: that is nothing wrong inside Holm, and passes.
func internal(err error, format string, args ...any) error {
	if full(err) {
		return noRoom(err, format, args...)
	}
	return holm.Wrap(holm.CodeInternal, err, format, args...)
}

func noRoom(err error, format string, args ...any) error {
	return holm.Wrap(holm.CodeUnavailable, err, format+" The disk of this server is full; it is tried again by itself once the operator has freed some space.", args...)
}

// said gives an error of bringing a node a sentence for its people. One that
// has a sentence keeps it, and so does the end of the context.
func said(n engine.Node, err error) error {
	var known *holm.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case full(err):
		return noRoom(err, "Node %d could not be brought to what it should be.", n.ID)
	}
	return holm.Wrap(holm.CodeUnavailable, err, "Node %d could not be brought to what it should be; the operator's log says why. It is tried again by itself.", n.ID)
}
