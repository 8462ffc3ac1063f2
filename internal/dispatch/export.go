package dispatch

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/ops"
)

// Export is an audit log on its way out as a file. Every page of it is asked
// of the door anew, so that it ends when the right does; it takes the memory
// of one page, however long the log is.
type Export struct {
	door       *Door
	caller     Caller
	in         ops.AuditAccountInput
	page       ops.Page[ops.AuditRow]
	checkpoint ops.AuditCheckpointView
}

// exportPage is how many rows are asked for at a time.
const exportPage = 500

// ExportAudit begins an export in the format of the input, csv or jsonl. What
// is wrong with the question is told here, before anything is written.
func (d *Door) ExportAudit(ctx context.Context, c Caller, in ops.AuditAccountInput) (e *Export, err error) {
	e = &Export{door: d, caller: c, in: in}
	e.in.Order, e.in.Cursor, e.in.Limit, e.in.Format = "oldest", "", exportPage, ""
	if in.Format != "csv" && in.Format != "jsonl" {
		return nil, holm.Invalid("format", "The format is json, csv or jsonl.")
	}
	if e.page, err = Call(ctx, d, c, ops.AuditAccount, e.in); err != nil {
		return nil, err
	}
	// Rows that come while the export runs are not part of it.
	e.checkpoint, err = Call(ctx, d, c, ops.AuditCheckpoint, ops.AuditCheckpointInput{OfAccount: in.OfAccount})
	e.in.Format = in.Format
	return e, err
}

// MediaType is what the file is.
func (e *Export) MediaType() string {
	if e.in.Format == "csv" {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/jsonl; charset=utf-8"
}

// FileName is what the file is called.
func (e *Export) FileName() string { return "audit-log." + e.in.Format }

// Write writes the file. An error leaves it without its end, which readers
// notice.
func (e *Export) Write(ctx context.Context, w io.Writer) error {
	if e.in.Format == "csv" {
		return e.csv(ctx, w)
	}
	return e.lines(ctx, w)
}

// rows gives every row up to the checkpoint.
func (e *Export) rows(ctx context.Context, each func(r ops.AuditRow) error) (err error) {
	in := e.in
	in.Format = ""
	for page := e.page; ; {
		for _, r := range page.Items {
			if n, err := strconv.ParseInt(r.ID, 10, 64); err != nil || n > e.checkpoint.Rows {
				return err
			}
			if err := each(r); err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		in.Cursor = *page.Next
		if page, err = Call(ctx, e.door, e.caller, ops.AuditAccount, in); err != nil {
			return err
		}
	}
}

// lines writes rows as they were hashed. The whole log ends with its
// checkpoint, and begins with what stands for rows that are gone.
func (e *Export) lines(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	whole := !e.in.Filtered()
	if whole && e.checkpoint.First > 1 {
		if err := line(out, map[string]any{"first": e.checkpoint.First, "before": e.checkpoint.Before}, &ledger.Head{}); err != nil {
			return err
		}
	}
	err := e.rows(ctx, func(r ops.AuditRow) error {
		out.Write(r.Line)
		return out.WriteByte('\n')
	})
	if err == nil && whole {
		err = line(out, ledger.Foot{Checkpoint: e.checkpoint.Checkpoint, Key: e.checkpoint.Key}, &ledger.Foot{})
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// line writes a value in the one form that a line of the file has.
func line(w *bufio.Writer, v, form any) error {
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, form)
	}
	if err == nil {
		raw, err = json.Marshal(form)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

var columns = []string{"number", "time", "who", "road", "operation", "what", "target", "result", "address", "environment", "user", "detail", "hash"}

func (e *Export) csv(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	err := e.rows(ctx, func(r ops.AuditRow) error {
		detail, err := json.Marshal(r.Detail)
		if err != nil {
			return err
		}
		var ids struct{ Environment, User string }
		if err := json.Unmarshal(r.Line, &ids); err != nil {
			return err
		}
		row := []string{r.ID, r.Time.UTC().Format(time.RFC3339Nano), r.Who.Email, r.Road, r.Operation, r.Sentence, r.Target, r.Result, r.Address, ids.Environment, ids.User, string(detail), r.Hash}
		for i := range row {
			row[i] = harmless(row[i])
		}
		return out.Write(row)
	})
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// harmless keeps spreadsheet programs from running a text that somebody else
// chose as a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
