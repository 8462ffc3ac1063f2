package ledger

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
)

// Head is the first line of an export whose oldest rows are not kept any
// more: what they hashed to. Without it a file begins with row 1.
type Head struct {
	First  int64  `json:"first"`
	Before []Hash `json:"before"`
}

// Foot is the last line of an export: the checkpoint of exactly its rows.
type Foot struct {
	Checkpoint string `json:"checkpoint"`
	Key        string `json:"key"`
}

const (
	headStart = `{"first":`
	footStart = `{"checkpoint":`
	rowStart  = `{"account":"`
)

// Expected is what a file is checked against.
type Expected struct {
	// Key is the public key, from where one trusts it. Without it the file's
	// own is used, which proves only that nobody without the private key
	// changed the file.
	Key string
	// Checkpoints are signed ones that were kept elsewhere.
	Checkpoints []string
	// Roots are sizes and hashes that were kept elsewhere, without signature.
	Roots []Checkpoint
}

// Report is what was found about a file that is as it was signed.
type Report struct {
	Log        string       `json:"log"`
	First      int64        `json:"first"` // number of the first row in the file
	Rows       int64        `json:"rows"`
	Checkpoint Checkpoint   `json:"checkpoint"` // of all rows
	Matched    []Checkpoint `json:"matched"`    // those given that are of these rows
	Key        string       `json:"key"`
	OwnKey     bool         `json:"own_key"` // the key was the file's own
}

// check is one run over a file.
type check struct {
	want    Expected
	report  Report
	edge    Edge
	size    int64  // rows so far, those before the file included
	prefix  []byte // that every row begins with: its account
	account string
	due     []Checkpoint
	foot    *Foot
	number  [20]byte
}

// Verify reads an export and says whether it is, bit for bit, what was
// signed: no row changed, added, dropped or moved. The error says what is
// wrong and where. Memory does not grow with the file.
func Verify(file io.Reader, want Expected) (Report, error) {
	c := &check{want: want}
	if err := c.prepare(); err != nil {
		return c.report, err
	}
	lines := &reader{r: bufio.NewReaderSize(file, 64<<10)}
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = c.take(line)
		}
		if err != nil {
			return c.report, err
		}
	}
	return c.report, c.finish()
}

func (c *check) prepare() error {
	c.due = append(c.due, c.want.Roots...)
	defer func() {
		slices.SortFunc(c.due, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	}()
	if c.want.Key == "" {
		return nil // known at the end of the file
	}
	for _, signed := range c.want.Checkpoints {
		p, err := ParseCheckpoint(signed, c.want.Key)
		if err != nil {
			return err
		}
		c.due = append(c.due, p)
	}
	return nil
}

// reader gives lines without their ends. A last line without an end was cut.
type reader struct {
	r    *bufio.Reader
	long []byte
}

func (l *reader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = append(l.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = l.r.ReadSlice('\n')
			l.long = append(l.long, line...)
		}
		line = l.long
	}
	switch {
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, holm.Errorf(holm.CodeInvalid, "The file ends in the middle of a line: it was cut off.")
	case err != nil:
		return nil, err
	}
	return line[:len(line)-1], nil
}

func (c *check) take(line []byte) error {
	switch {
	case c.foot != nil:
		return holm.Errorf(holm.CodeConflict, "Something stands behind the checkpoint at the end of the file.")
	case bytes.HasPrefix(line, []byte(rowStart)):
		return c.row(line)
	case bytes.HasPrefix(line, []byte(footStart)):
		c.foot = &Foot{}
		return strict(line, c.foot, "The checkpoint at the end of the file")
	case bytes.HasPrefix(line, []byte(headStart)) && c.prefix == nil && c.report.First == 0:
		return c.head(line)
	}
	return holm.Errorf(holm.CodeConflict, "What follows row %d is neither a row nor a checkpoint: the file was changed there, or it is not an export of an audit log.", c.size)
}

// strict reads a line of ours, which has one form.
func strict(line []byte, into any, what string) error {
	if json.Unmarshal(line, into) == nil {
		if again, err := json.Marshal(into); err == nil && bytes.Equal(again, line) {
			return nil
		}
	}
	return holm.Errorf(holm.CodeConflict, "%s was changed.", what)
}

func (c *check) head(line []byte) (err error) {
	var h Head
	if err := strict(line, &h, "The line about rows that are not kept any more"); err != nil {
		return err
	}
	if h.First < 2 {
		return holm.Errorf(holm.CodeConflict, "The line about rows that are not kept any more was changed.")
	}
	c.report.First, c.size = h.First, h.First-1
	if c.edge, err = ParseEdge(c.size, Join(h.Before)); err != nil {
		return holm.Errorf(holm.CodeConflict, "The line about rows that are not kept any more was changed.")
	}
	return c.compare()
}

// row adds a row, which must be the one that follows.
func (c *check) row(line []byte) error {
	if c.prefix == nil {
		end := bytes.Index(line[len(rowStart):], []byte(`","number":`))
		if end < 0 {
			return holm.Errorf(holm.CodeConflict, "The first row is not one of an audit log.")
		}
		c.account = string(line[len(rowStart) : len(rowStart)+end])
		c.prefix = bytes.Clone(line[:len(rowStart)+end+len(`","number":`)])
	}
	next := c.size + 1
	if !bytes.HasPrefix(line, c.prefix) {
		return holm.Errorf(holm.CodeConflict, "Where row %d of %s should be is something else: the file was changed there.", next, c.account)
	}
	rest := line[len(c.prefix):]
	end := bytes.IndexByte(rest, ',')
	if number := strconv.AppendInt(c.number[:0], next, 10); end < 0 || !bytes.Equal(rest[:end], number) {
		return c.misplaced(rest, end)
	}
	c.edge = c.edge.Add(c.size, Leaf(line))
	c.size = next
	c.report.Rows++
	if len(c.due) > 0 && c.due[0].Size <= c.size {
		return c.compare()
	}
	return nil
}

func (c *check) misplaced(rest []byte, end int) error {
	next := c.size + 1
	if end > 0 {
		if found, err := strconv.ParseInt(string(rest[:end]), 10, 64); err == nil && found > next {
			return holm.Errorf(holm.CodeConflict, "Rows are missing: %d follows %d. An export with filters cannot be checked; export the whole log.", found, c.size)
		}
	}
	return holm.Errorf(holm.CodeConflict, "Where row %d should be is another: rows were added, repeated or put into another order.", next)
}

// compare compares with the checkpoints whose size is reached.
func (c *check) compare() error {
	for len(c.due) > 0 && c.due[0].Size <= c.size {
		p := c.due[0]
		c.due = c.due[1:]
		if p.Size < c.size {
			continue // of rows before the file; reported as not matched
		}
		if c.edge.Root() != p.Hash {
			return c.differ(p)
		}
		c.report.Matched = append(c.report.Matched, p)
	}
	return nil
}

func (c *check) differ(p Checkpoint) error {
	from := c.report.First
	if n := len(c.report.Matched); n > 0 {
		from = c.report.Matched[n-1].Size + 1
	}
	return holm.Errorf(holm.CodeConflict, "The rows are not those that were signed%s: something in rows %d to %d was changed.", on(p), max(from, 1), p.Size)
}

func (c *check) finish() error {
	if c.report.First == 0 {
		c.report.First = 1
	}
	if c.foot == nil {
		return holm.Errorf(holm.CodeConflict, "The file ends after row %d without a checkpoint: it was cut off, or it is not a whole export.", c.size)
	}
	key := c.want.Key
	if key == "" {
		key, c.report.OwnKey = c.foot.Key, true
	} else if c.foot.Key != key {
		return holm.Errorf(holm.CodeConflict, "The file was signed with another key: %s", c.foot.Key)
	}
	p, err := ParseCheckpoint(c.foot.Checkpoint, key)
	if err != nil {
		return err
	}
	c.report.Key, c.report.Checkpoint, c.report.Log = key, p, p.Log
	if c.account != "" && !strings.HasSuffix(p.Log, "/"+c.account) {
		return holm.Errorf(holm.CodeConflict, "The checkpoint is of the log %s, the rows are of %s.", p.Log, c.account)
	}
	if p.Size != c.size {
		return holm.Errorf(holm.CodeConflict, "The checkpoint is of %d rows and the file ends with row %d.", p.Size, c.size)
	}
	if c.edge.Root() != p.Hash {
		return c.differ(p)
	}
	return c.others(key)
}

// others says what of the given checkpoints could not be compared on the way.
func (c *check) others(key string) error {
	if c.report.OwnKey && len(c.want.Checkpoints) > 0 {
		return holm.Invalid("key", "To compare with other checkpoints, give the public key too: %s", key)
	}
	for _, p := range c.due {
		return holm.Errorf(holm.CodeConflict, "The file ends with row %d, but %d rows were signed%s: its end is missing, or it was exported earlier.",
			c.size, p.Size, on(p))
	}
	for _, p := range c.report.Matched {
		if p.Log != "" && p.Log != c.report.Log {
			return holm.Errorf(holm.CodeConflict, "A checkpoint is of the log %s, the file is of %s.", p.Log, c.report.Log)
		}
	}
	return nil
}

// on tells when a checkpoint was signed, where that is known.
func on(c Checkpoint) string {
	if c.Time.IsZero() {
		return ""
	}
	return " on " + c.Time.UTC().Format("2 January 2006 15:04:05 UTC")
}

// String tells a report in a sentence.
func (r Report) String() string {
	return fmt.Sprintf("Rows %d to %d of %s are as they were signed on %s: nothing changed, dropped, added or moved.",
		r.First, r.First+r.Rows-1, r.Log, r.Checkpoint.Time.UTC().Format("2 January 2006 15:04:05 UTC"))
}
