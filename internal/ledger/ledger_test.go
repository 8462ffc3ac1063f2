package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
)

// log is an audit log with a signer, as a server has it.
type log struct {
	signer *ledger.Signer
	lines  [][]byte
	stored []ledger.Hash // as tlog numbers them
	edges  []ledger.Edge // after each number of rows
}

const account = "acc_1"

func newLog(t testing.TB, rows int) *log {
	t.Helper()
	private, public, err := ledger.NewKey("holm.example.org")
	if err != nil {
		t.Fatal(err)
	}
	l := &log{edges: []ledger.Edge{nil}}
	if l.signer, err = ledger.NewSigner(private, public); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		l.add(t, holm.AuditLine(holm.AuditEntry{Account: account, Seq: int64(i + 1), Time: time.UnixMicro(1_900_000_000_000_000 + int64(i)), User: "usr_1",
			Email: "ana@example.org", Road: holm.RoadAPI, Operation: "environment.update", Target: "shop", Result: "0", Address: "192.0.2.1"},
			fmt.Sprintf(`{"alias":"Shop %d <&> \u00e4"}`, i)))
	}
	return l
}

func (l *log) ReadHashes(indexes []int64) (list []ledger.Hash, err error) {
	for _, i := range indexes {
		list = append(list, l.stored[i])
	}
	return list, nil
}

func (l *log) add(t testing.TB, line []byte) {
	n := int64(len(l.lines))
	more, err := tlog.StoredHashes(n, line, l)
	if err != nil {
		t.Fatal(err)
	}
	l.stored, l.lines = append(l.stored, more...), append(l.lines, line)
	l.edges = append(l.edges, slices.Clone(l.edges[n]).Add(n, ledger.Leaf(line)))
}

func (l *log) checkpoint(t testing.TB, size int) (ledger.Checkpoint, string) {
	t.Helper()
	c := ledger.Checkpoint{Log: l.signer.LogOf(account), Size: int64(size), Hash: l.edges[size].Root(), Time: time.Unix(1_900_000_000, 0).UTC()}
	signed, err := l.signer.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, signed
}

// export writes rows first (from 1) to last as a file.
func (l *log) export(t testing.TB, first, last int) []byte {
	t.Helper()
	var b bytes.Buffer
	if first > 1 {
		before, err := l.ReadHashes(ledger.EdgeIndexes(int64(first - 1)))
		if err != nil {
			t.Fatal(err)
		}
		line(t, &b, ledger.Head{First: int64(first), Before: before})
	}
	for _, row := range l.lines[first-1 : last] {
		b.Write(append(row, '\n'))
	}
	_, signed := l.checkpoint(t, last)
	line(t, &b, ledger.Foot{Checkpoint: signed, Key: l.signer.Key()})
	return b.Bytes()
}

func line(t testing.TB, b *bytes.Buffer, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(append(raw, '\n'))
}

func (l *log) verify(file []byte) (ledger.Report, error) {
	return ledger.Verify(bytes.NewReader(file), ledger.Expected{Key: l.signer.Key()})
}

// The tree must be the one that everybody else's programs make.
func TestTheTreeIsThatOfTlog(t *testing.T) {
	l := newLog(t, 300)
	for n := range 301 {
		want, err := tlog.TreeHash(int64(n), l)
		if err != nil || l.edges[n].Root() != want {
			t.Fatalf("%d rows: %v %v, %v", n, l.edges[n].Root(), want, err)
		}
		edge, err := l.ReadHashes(ledger.EdgeIndexes(int64(n)))
		if err != nil || !slices.Equal(edge, []ledger.Hash(l.edges[n])) && n > 0 {
			t.Fatalf("%d rows: another edge", n)
		}
	}
	for _, n := range []int{0, 1, 1022, 1023, 1024, 70_000} {
		row := bytes.Repeat([]byte{'x'}, n)
		if ledger.Leaf(row) != tlog.RecordHash(row) {
			t.Errorf("a row of %d bytes has another hash", n)
		}
	}
}

func TestAnExportIsVerified(t *testing.T) {
	l := newLog(t, 40)
	for last := range 41 {
		for first := 1; first <= last || first == 1; first += 3 {
			report, err := l.verify(l.export(t, first, last))
			if err != nil || report.Rows != int64(last-first+1) || report.First != int64(first) || report.OwnKey || report.Checkpoint.Size != int64(last) {
				t.Fatalf("rows %d to %d: %+v, %v", first, last, report, err)
			}
		}
	}
	if report, err := ledger.Verify(bytes.NewReader(l.export(t, 1, 40)), ledger.Expected{}); err != nil || !report.OwnKey || report.Key != l.signer.Key() {
		t.Errorf("without a key: %+v, %v", report, err)
	}
	if _, err := ledger.Verify(bytes.NewReader(l.export(t, 1, 40)), ledger.Expected{Key: newLog(t, 0).signer.Key()}); err == nil {
		t.Error("another key is as good")
	}
}

// Every bit of the file counts: of rows, of the checkpoint, its signature and
// the key, of what stands for rows that are gone.
func TestEverySingleBit(t *testing.T) {
	l := newLog(t, 9)
	for _, first := range []int{1, 4} {
		file := l.export(t, first, 9)
		for _, want := range []ledger.Expected{{}, {Key: l.signer.Key()}} {
			for at := range file {
				for bit := range 8 {
					file[at] ^= 1 << bit
					if _, err := ledger.Verify(bytes.NewReader(file), want); err == nil {
						t.Errorf("bit %d of byte %d does not count: %s", bit, at, file[max(0, at-20):min(len(file), at+20)])
					} else if holm.AsError(err).Code == holm.CodeInternal {
						t.Fatalf("byte %d: an error that is no sentence: %v", at, err)
					}
					file[at] ^= 1 << bit
				}
			}
		}
	}
}

func TestEveryTruncation(t *testing.T) {
	l := newLog(t, 9)
	for _, first := range []int{1, 4} {
		file := l.export(t, first, 9)
		for n := range file {
			if _, err := l.verify(file[:n]); err == nil {
				t.Errorf("%d of %d bytes pass", n, len(file))
			}
		}
		for n := 1; n < len(file); n++ {
			if _, err := l.verify(file[n:]); err == nil {
				t.Errorf("without the first %d of %d bytes it passes", n, len(file))
			}
		}
	}
}

// TestEveryRow drops, repeats, moves and adds rows at every place.
func TestEveryRow(t *testing.T) {
	l := newLog(t, 12)
	other := newLog(t, 13) // the same rows, signed by somebody else
	for _, first := range []int{1, 5} {
		rows := bytes.SplitAfter(l.export(t, first, 12), []byte("\n"))
		rows = rows[:len(rows)-1]
		try := func(what string, changed [][]byte) {
			t.Helper()
			if _, err := l.verify(bytes.Join(changed, nil)); err == nil {
				t.Errorf("from row %d, %s: nothing is noticed", first, what)
			}
		}
		for i := range rows {
			try(fmt.Sprint("drop ", i), slices.Delete(slices.Clone(rows), i, i+1))
			try(fmt.Sprint("repeat ", i), slices.Insert(slices.Clone(rows), i, rows[i]))
			for j := range i {
				swapped := slices.Clone(rows)
				swapped[i], swapped[j] = swapped[j], swapped[i]
				try(fmt.Sprint("swap ", i, " ", j), swapped)
				try(fmt.Sprint("drop ", j, " to ", i), slices.Delete(slices.Clone(rows), j, i+1))
			}
			forged := bytes.ReplaceAll(rows[i], []byte("ana@"), []byte("eve@"))
			if !bytes.Equal(forged, rows[i]) {
				try(fmt.Sprint("forge ", i), append(append(slices.Clone(rows[:i]), forged), rows[i+1:]...))
				try(fmt.Sprint("insert ", i), slices.Insert(slices.Clone(rows), i, forged))
			}
			try(fmt.Sprint("empty line ", i), slices.Insert(slices.Clone(rows), i, []byte("\n")))
		}
		try("a row more", slices.Insert(slices.Clone(rows), len(rows)-1, append(other.lines[12], '\n')))
		try("something behind", append(slices.Clone(rows), rows[len(rows)-1]))
	}
	if _, err := l.verify(other.export(t, 1, 12)); err == nil {
		t.Error("the same rows signed by another key pass")
	}
}

// TestAnyChange changes files in whatever way comes to mind.
func TestAnyChange(t *testing.T) {
	outer, l := t, newLog(t, 60)
	rapid.Check(t, func(t *rapid.T) {
		last := rapid.IntRange(1, 60).Draw(t, "last")
		file := l.export(outer, rapid.IntRange(1, last).Draw(t, "first"), last)
		from := rapid.IntRange(0, len(file)).Draw(t, "from")
		to := rapid.IntRange(from, min(len(file), from+400)).Draw(t, "to")
		put := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 40), rapid.Just(file[to:min(len(file), to+300)]), rapid.Just([]byte{})).Draw(t, "put")
		changed := slices.Concat(file[:from], put, file[to:])
		_, err := l.verify(changed)
		if same := bytes.Equal(changed, file); (err == nil) != same {
			t.Fatalf("changed: %v, found: %v", !same, err)
		}
	})
}

func TestCheckpointsKeptElsewhere(t *testing.T) {
	l := newLog(t, 30)
	_, at10 := l.checkpoint(t, 10)
	_, at20 := l.checkpoint(t, 20)
	_, at30 := l.checkpoint(t, 30)
	with := func(file []byte, kept ...string) error {
		_, err := ledger.Verify(bytes.NewReader(file), ledger.Expected{Key: l.signer.Key(), Checkpoints: kept})
		return err
	}
	if err := with(l.export(t, 1, 30), at30, at10, at20); err != nil {
		t.Error(err)
	}
	// Somebody with the key who writes the past anew is found out by what was
	// kept elsewhere, and between which checkpoints.
	forged := newLog(t, 12)
	forged.signer = l.signer
	forged.add(t, bytes.Replace(l.lines[12], []byte("ana@"), []byte("eve@"), 1))
	for _, row := range l.lines[13:] {
		forged.add(t, row)
	}
	if err := with(forged.export(t, 1, 30)); err != nil {
		t.Errorf("what was signed anew does not pass by itself: %v", err)
	}
	if err := with(forged.export(t, 1, 30), at10); err != nil {
		t.Errorf("the rows before are the same: %v", err)
	}
	if err := with(forged.export(t, 1, 30), at10, at20); err == nil || !strings.Contains(err.Error(), "rows 11 to 20") {
		t.Errorf("got %v", err)
	}
	if err := with(l.export(t, 1, 20), at30); err == nil || !strings.Contains(err.Error(), "end is missing") {
		t.Errorf("got %v", err)
	}
	if err := with(l.export(t, 11, 30), at10, at20); err != nil {
		t.Errorf("a checkpoint of just the rows that are gone: %v", err)
	}
}

func TestLogsOnlyGrow(t *testing.T) {
	l := newLog(t, 50)
	other := newLog(t, 3)
	other.signer = l.signer
	for i := range 47 {
		other.add(t, l.lines[3+i][:len(l.lines[3+i])-2])
	}
	for from := range 51 {
		early, _ := l.checkpoint(t, from)
		for to := from; to <= 50; to++ {
			var proof []ledger.Hash
			if from > 0 && from < to {
				var err error
				if proof, err = tlog.ProveTree(int64(to), int64(from), l); err != nil {
					t.Fatal(err)
				}
			}
			late, _ := l.checkpoint(t, to)
			if err := ledger.Consistent(early, late, proof); err != nil {
				t.Fatalf("%d to %d: %v", from, to, err)
			}
			if from < 4 {
				continue
			}
			if wrong, _ := other.checkpoint(t, to); ledger.Consistent(early, wrong, proof) == nil {
				t.Fatalf("%d to %d: another log passes", from, to)
			}
			if to < 50 && from < to {
				continue
			}
			if ledger.Consistent(late, early, proof) == nil && from != to {
				t.Fatal("a log that shrinks passes")
			}
		}
	}
}

func TestRowsAreProven(t *testing.T) {
	l := newLog(t, 33)
	c, _ := l.checkpoint(t, 33)
	for row := int64(1); row <= 33; row++ {
		proof, err := tlog.ProveRecord(33, row-1, l)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.Contains(c, row, l.lines[row-1], proof); err != nil {
			t.Error(err)
		}
		if ledger.Contains(c, row%33+1, l.lines[row-1], proof) == nil || ledger.Contains(c, row, l.lines[row%33], proof) == nil {
			t.Errorf("row %d: another row passes", row)
		}
	}
}

func FuzzVerify(f *testing.F) {
	l := newLog(f, 5)
	f.Add(l.export(f, 1, 5))
	f.Add(l.export(f, 3, 5))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = ledger.Verify(bytes.NewReader(file), ledger.Expected{})
		_, _ = ledger.ParseCheckpoint(string(file), l.signer.Key())
	})
}

func BenchmarkVerify(b *testing.B) {
	l := newLog(b, 1)
	row := func(n int64) []byte {
		return holm.AuditLine(holm.AuditEntry{Account: account, Seq: n, Time: time.UnixMicro(1_900_000_000_000_000 + n), User: "usr_0190aaaabbbbccccddddeeeeffff0000", Environment: "env_0190aaaabbbbccccddddeeeeffff0000",
			Email: "ana@example.org", Road: holm.RoadDashboard, Operation: "environment.update", Target: "shop", Result: "0", Address: "192.0.2.1"}, `{"changes":[{"what":"alias","was":"The shop","now":"Shop"}],"environment":"shop"}`)
	}
	const rows = 200_000
	var file bytes.Buffer
	var edge ledger.Edge
	for n := range int64(rows) {
		line := row(n + 1)
		edge = edge.Add(n, ledger.Leaf(line))
		file.Write(append(line, '\n'))
	}
	signed, err := l.signer.Sign(ledger.Checkpoint{Log: l.signer.LogOf(account), Size: rows, Hash: edge.Root(), Time: time.Now()})
	if err != nil {
		b.Fatal(err)
	}
	raw, _ := json.Marshal(ledger.Foot{Checkpoint: signed, Key: l.signer.Key()})
	file.Write(append(raw, '\n'))
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := l.verify(file.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
}
