package environment

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// hx has a form change the page in place; without a script the same form
// leads to the page again. Its button is not disabled meanwhile, since that
// would take the focus away: a second press is dropped.
func (p *page) hx(ctx context.Context, action string) templ.Attributes {
	return part.Hx(ctx, "post", action, "target", "#environment", "select", "#environment", "swap", "outerMorph", "sync", "this:drop")
}

// submit makes a button that sends its form. Its id is the same after a
// refresh, so that the focus stays.
func submit(b part.Button, path string) part.Button {
	b.Submit = true
	if b.ID == "" {
		b.ID = "do-" + strings.ReplaceAll(path, "/", "-")
	}
	return b
}

func (p *page) refusedButton(b part.Button, op *ops.Operation, reason string) part.Button {
	b.Refused = reason
	if p.refused[op.Name] != "" {
		b.Why = p.whyPath(op.Name)
	}
	if b.ID == "" {
		b.ID = "no-" + strings.ReplaceAll(op.Name, ".", "-")
	}
	b.End = true
	return b
}

func (p *page) whyPath(operation string) string {
	return p.path("/why?operation=" + url.QueryEscape(operation))
}

// whyOfNotice is where the refusal that the page tells is explained.
func (p *page) whyOfNotice() string {
	if p.failed == nil || holm.CodeOf(p.failed) != holm.CodeForbidden {
		return ""
	}
	missing := holm.AsError(p.failed).Permission
	for _, op := range ops.All() {
		if op.Built && string(op.Permission) == missing {
			return p.whyPath(op.Name)
		}
	}
	return ""
}

// wrong is what was wrong with a field of the form that was sent.
func (p *page) wrong(field string) string { return site.Reason(p.failed, field) }
