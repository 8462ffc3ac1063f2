package holm

import (
	"errors"
	"fmt"
	"time"
)

// Code is the kind of an error. The list is closed: roads map each to their
// own answer (HTTP status, exit code) in one place.
type Code string

// All error codes.
const (
	CodeInvalid      Code = "invalid"      // the input does not make sense
	CodeUnauthorized Code = "unauthorized" // not signed in, or a wrong password
	CodeForbidden    Code = "forbidden"    // signed in, but the right is missing
	CodeNotFound     Code = "not_found"    // does not exist, or may not be seen
	CodeConflict     Code = "conflict"     // does not fit what is there now
	CodeGone         Code = "gone"         // was there once; a used or ended link
	CodeQuota        Code = "quota"        // the account's limit is reached
	CodeTooMany      Code = "too_many"     // slow down
	CodeUnavailable  Code = "unavailable"  // something Holm needs does not answer
	CodeInternal     Code = "internal"     // a bug of ours
)

// Codes lists every code.
var Codes = []Code{CodeInvalid, CodeUnauthorized, CodeForbidden, CodeNotFound, CodeConflict, CodeGone, CodeQuota, CodeTooMany, CodeUnavailable, CodeInternal}

// Field is one input that does not make sense, and why.
type Field struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Error is a refusal or failure, told to the person in Detail and to the
// operator in Cause.
type Error struct {
	Code   Code
	Detail string  // one sentence: what happened and what to do
	Fields []Field // for CodeInvalid
	// For CodeForbidden:
	Permission  string // the missing one
	Reason      string // the rule that decided
	GrantableBy string // who can give it
	// SecondFactor is set where a sign-in needs one more step.
	SecondFactor *SecondFactor
	Cause        error // never shown to a person
	// For CodeTooMany: how long to wait, zero when that is not known.
	Wait time.Duration
}

// Error gives the sentence, and the cause for logs.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Detail + ": " + e.Cause.Error()
	}
	return e.Detail
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an error whose sentence people may read.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Invalid makes an error about one input.
func Invalid(field, format string, args ...any) *Error {
	reason := fmt.Sprintf(format, args...)
	return &Error{Code: CodeInvalid, Detail: reason, Fields: []Field{{Name: field, Reason: reason}}}
}

// Wrap makes an error with a sentence for people and a cause for operators.
func Wrap(code Code, cause error, format string, args ...any) *Error {
	e := Errorf(code, format, args...)
	e.Cause = cause
	return e
}

// ErrNotFound is the one answer for what does not exist and what may not be
// seen, so that nobody can tell the two apart.
func ErrNotFound() *Error {
	return Errorf(CodeNotFound, "There is no such thing here, or you may not see it.")
}

// AsError gives err as an *Error; what is none becomes CodeInternal with a
// sentence that gives nothing away.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Wrap(CodeInternal, err, "Something went wrong inside Holm. It has been logged; try again, and tell the operator if it stays.")
}

// CodeOf gives the code of err, CodeInternal for foreign errors.
func CodeOf(err error) Code { return AsError(err).Code }
