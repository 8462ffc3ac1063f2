package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/ops"
)

// polishAudit lets times be told as days, or by their distance into the past.
func polishAudit(c *command) {
	c.example = "  holm " + c.op.Noun() + " " + c.op.Verb() + map[bool]string{true: " shop"}[c.op == ops.AuditList.Operation] + " --since 7d --result refused"
	for _, f := range c.flags {
		if f.field.Name == "since" || f.field.Name == "until" {
			f.field.Doc = strings.TrimSuffix(f.field.Doc, "(RFC 3339)") + "(2026-12-31, 7d ago as 7d, RFC 3339)"
		}
	}
	c.before = auditTimes
	c.perform = func(x *call) error {
		in, whole := x.in.Interface().(*ops.AuditAccountInput)
		if whole && in.Format != "" && in.Format != "json" {
			return x.client.Download(x.cmd.Context(), x.op, in, x.cmd.OutOrStdout())
		}
		return x.askAndShow()
	}
}

func auditTimes(x *call) error {
	filter := x.in.Elem().FieldByName("AuditFilter")
	for _, name := range []string{"Since", "Until"} {
		field := filter.FieldByName(name)
		if field.String() == "" {
			continue
		}
		t, err := moment(x.app.now(), field.String(), -1)
		if err != nil {
			return err
		}
		field.Set(reflect.ValueOf(t.Format(time.RFC3339)))
	}
	return nil
}

// polishTail is the audit log as it grows.
func polishTail(c *command) {
	c.short, c.aliases = "Follow the audit log of an account", []string{"follow"}
	c.example = "  holm audit tail\n  holm audit tail --environment shop --result refused\n  holm audit tail --after 0 --json"
}

// polishCheckpoint writes the signed note, to be kept elsewhere.
func polishCheckpoint(c *command) {
	c.long = "Print a signed checkpoint of the audit log: how many rows it has and the hash over all of them.\nKeep it where nobody who runs the server can change it; holm audit verify compares with it."
	c.example = "  holm audit checkpoint > 2026-12-31.checkpoint\n  holm audit checkpoint --row 1234\n  holm audit checkpoint --since 1000 --json"
	c.render = func(x *call, out any) error {
		v := out.(ops.AuditCheckpointView)
		if _, err := io.WriteString(x.cmd.OutOrStdout(), v.Checkpoint); err != nil {
			return err
		}
		if v.RowHash == "" {
			return nil
		}
		in := x.in.Interface().(*ops.AuditCheckpointInput)
		x.out.line("Row %d is in it: leaf hash %s, path %s.", in.Row, v.RowHash, strings.Join(v.Path, " "))
		return nil
	}
}

// auditExport is holm audit export: the whole log as a file.
func (a *app) auditExport() *cobra.Command {
	c := a.derive(ops.AuditAccount.Operation)
	format, output := "", ""
	c.short = "Write the audit log of an account to a file"
	c.long = "Write the audit log, oldest rows first, as JSON lines or CSV. JSON lines of a whole log end with a\nsigned checkpoint, so that holm audit verify can check the file without the server."
	c.example = "  holm audit export --output audit.jsonl\n  holm audit export --format csv --since 30d --who bob@example.org > bob.csv"
	c.drop("cursor", "limit", "order", "format")
	c.extra = func(fs *pflag.FlagSet) {
		fs.StringVar(&format, "format", "jsonl", "jsonl or csv")
		fs.StringVarP(&output, "output", "o", "", "`file` to write, readable for you alone; standard output when not given")
	}
	c.perform = func(x *call) error {
		in := x.in.Interface().(*ops.AuditAccountInput)
		in.Format = format
		if format != "jsonl" && format != "csv" {
			return holm.Invalid("format", "The format is jsonl or csv, not %q.", format)
		}
		if output == "" {
			return x.client.Download(x.cmd.Context(), x.op, in, x.cmd.OutOrStdout())
		}
		return x.download(in, output)
	}
	cmd := c.cobra()
	cmd.Use = "export"
	cmd.Annotations = map[string]string{noteShortcut: c.op.Name}
	return cmd
}

// download writes an export to a file, whole or not at all.
func (x *call) download(in *ops.AuditAccountInput, path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".holm-export-*")
	if err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The file %s cannot be written.", path)
	}
	defer os.Remove(f.Name())
	if err := x.client.Download(x.cmd.Context(), x.op, in, f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The file %s cannot be written.", path)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The file %s cannot be written.", path)
	}
	x.out.line("Wrote %s.", path)
	return nil
}

// auditVerify is holm audit verify: it asks no server.
func (a *app) auditVerify() *cobra.Command {
	var key string
	var checkpoints, roots []string
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "Check an exported audit log, without a server",
		Long:    "Check that an export (JSON lines, - for standard input) is bit for bit what was signed: no row changed,\ndropped, added or moved. Give the public key from where you trust it (audit.pub in the data folder of the\nserver, or one you wrote down), and checkpoints that you kept elsewhere: with those, even who has the\nprivate key cannot have changed the rows they are of.",
		Example: "  holm audit verify audit.jsonl --key audit.pub\n  holm audit verify audit.jsonl --key audit.pub --checkpoint 2026-12-31.checkpoint --root 1200:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		Args:    func(cmd *cobra.Command, args []string) error { return oneFile(args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := expected(key, checkpoints, roots)
			if err != nil {
				return err
			}
			return a.verify(cmd, args[0], want)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "The public `key`, or a file that holds it")
	cmd.Flags().StringArrayVar(&checkpoints, "checkpoint", nil, "A `file` of checkpoints kept elsewhere; several allowed")
	cmd.Flags().StringArrayVar(&roots, "root", nil, "What a mail of checkpoints says, `rows:hash`; several allowed")
	return cmd
}

func oneFile(args []string) error {
	if len(args) != 1 {
		return holm.Errorf(holm.CodeInvalid, "Name one file: holm audit verify FILE")
	}
	return nil
}

// expected reads what a file is checked against.
func expected(key string, checkpoints, roots []string) (want ledger.Expected, err error) {
	want.Key = strings.TrimSpace(key)
	if data, err := os.ReadFile(key); key != "" && err == nil {
		want.Key = strings.TrimSpace(string(data))
	}
	for _, name := range checkpoints {
		data, err := os.ReadFile(name)
		if err != nil {
			return want, holm.Wrap(holm.CodeInvalid, err, "The file of checkpoints %s cannot be read.", name)
		}
		if !bytes.HasPrefix(data, []byte("{")) {
			want.Checkpoints = append(want.Checkpoints, string(data))
			continue
		}
		for line := range bytes.Lines(data) { // as the server writes them
			var foot ledger.Foot
			if err := json.Unmarshal(line, &foot); err != nil {
				return want, holm.Invalid("checkpoint", "%s is no file of checkpoints.", name)
			}
			want.Checkpoints = append(want.Checkpoints, foot.Checkpoint)
		}
	}
	for _, text := range roots {
		rows, hash, _ := strings.Cut(text, ":")
		n, err := strconv.ParseInt(rows, 10, 64)
		h, wrong := tlog.ParseHash(hash)
		if err != nil || wrong != nil || n < 0 {
			return want, holm.Invalid("root", "%q is not rows:hash, as a mail of checkpoints has it.", text)
		}
		want.Roots = append(want.Roots, ledger.Checkpoint{Size: n, Hash: h})
	}
	return want, nil
}

func (a *app) verify(cmd *cobra.Command, name string, want ledger.Expected) error {
	var file io.Reader = cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return holm.Wrap(holm.CodeInvalid, err, "The file %s cannot be read.", name)
		}
		defer f.Close()
		file = f
	}
	report, err := ledger.Verify(file, want)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), report)
	}
	out := a.out(cmd)
	out.line("%s", report)
	for _, c := range report.Matched {
		what := "kept elsewhere"
		if !c.Time.IsZero() {
			what = "of " + c.Time.UTC().Format("2 January 2006 15:04:05 UTC")
		}
		out.line("The first %d rows are those of the checkpoint %s.", c.Size, what)
	}
	if report.OwnKey {
		fmt.Fprintf(cmd.ErrOrStderr(), "The key is the file's own. Compare it with the one you trust, or give that with --key:\n%s\n", clean(report.Key))
	}
	return nil
}

// row writes one row of a followed audit log on a line.
func (p *printer) row(r ops.AuditRow) {
	at := r.Time.UTC().Format(time.RFC3339)
	if !p.terminal {
		p.fields([]cell{text(at), text(whoever(r)), text(r.Road), text(r.Operation), text(r.Sentence), text(r.Result), text(r.Address)})
		return
	}
	color := plain
	if r.Result != "0" {
		color = red
	}
	fmt.Fprintf(p.w, "%s  %s %s\n", p.paint(grey, r.Time.In(p.now.Location()).Format(time.TimeOnly)), p.paint(bold, clean(whoever(r))), p.paint(color, clean(r.Sentence)))
}

// whoever names who did something; who is not known has no address.
func whoever(r ops.AuditRow) string {
	if r.Who.Email == "" {
		return "somebody unknown"
	}
	return r.Who.Email
}
