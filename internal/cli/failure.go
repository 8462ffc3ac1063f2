package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
)

// exitCodes gives each error its exit code. Scripts rely on them.
var exitCodes = map[holm.Code]int{
	holm.CodeInternal:     1,
	holm.CodeInvalid:      2,
	holm.CodeUnauthorized: 3,
	holm.CodeForbidden:    4,
	holm.CodeNotFound:     5,
	holm.CodeConflict:     6,
	holm.CodeGone:         7,
	holm.CodeQuota:        8,
	holm.CodeTooMany:      9,
	holm.CodeUnavailable:  10,
}

// exitInterrupted is what a shell gives a program that was interrupted.
const exitInterrupted = 130

func exitCode(err error) int {
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return exitCodes[asError(err).Code]
}

// asError gives err with a code. Foreign errors come from this computer (a
// file, a broken pipe), not from inside Holm, so they are told as they are.
func asError(err error) *holm.Error {
	var e *holm.Error
	if errors.As(err, &e) {
		return e
	}
	return holm.Errorf(holm.CodeInternal, "%s.", strings.TrimSuffix(err.Error(), "."))
}

// flagError tells a wrong flag as a wrong input.
func flagError(err error) error {
	var e *holm.Error
	if errors.As(err, &e) {
		return e
	}
	text := err.Error()
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return holm.Errorf(holm.CodeInvalid, "%s.", strings.TrimSuffix(text, "."))
}

// failure is an error as --json prints it: the members of the API's problem
// documents that make sense here.
type failure struct {
	Code        holm.Code    `json:"code"`
	Detail      string       `json:"detail"`
	Permission  string       `json:"permission,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	GrantableBy string       `json:"grantable_by,omitempty"`
	Errors      []holm.Field `json:"errors,omitempty"`
}

// report tells an error in one or two lines, or as JSON.
func report(w io.Writer, cmd *cobra.Command, e *holm.Error, asJSON bool) {
	if asJSON {
		_ = printJSON(w, failure{e.Code, e.Detail, e.Permission, e.Reason, e.GrantableBy, e.Fields})
		return
	}
	fmt.Fprintln(w, "holm:", clean(e.Detail))
	if more := second(e); more != "" {
		fmt.Fprintln(w, " ", clean(more))
	}
}

// second gives the second line of an error: for refusals what is missing and
// who can give it, for inputs which ones.
func second(e *holm.Error) string {
	switch {
	case e.Permission != "":
		line := ""
		if reason := strings.TrimSuffix(e.Reason, "."); reason != "" && !strings.Contains(strings.ToLower(e.Detail), strings.ToLower(reason)) {
			line = reason + ". " // unless the sentence has it already
		}
		line += "This needs " + e.Permission
		if e.GrantableBy != "" {
			line += ", which " + e.GrantableBy + " can give"
		}
		return line + "."
	case len(e.Fields) > 0 && e.Fields[0].Reason != e.Detail:
		var list []string
		for _, f := range e.Fields {
			list = append(list, f.Name+": "+f.Reason)
		}
		return strings.Join(list, " · ")
	case e.Code == holm.CodeUnauthorized && !strings.Contains(e.Detail, "holm login"):
		return "Sign in with: holm login URL"
	case e.Code == holm.CodeUnavailable && e.Cause != nil:
		return e.Cause.Error()
	}
	return ""
}

// printJSON writes v as one line of JSON.
func printJSON(w io.Writer, v any) error {
	var raw bytes.Buffer
	e := json.NewEncoder(&raw)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escaped(raw.Bytes()))
	return err
}
