package ledger

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/holmhq/holm"
)

// Checkpoint says what a log was at a moment: how many rows it had and the
// hash over all of them.
type Checkpoint struct {
	Log  string // which log: the key's name and the account
	Size int64
	Hash Hash
	Time time.Time // when it was signed, to the second
}

// NewKey makes a pair of keys for signing checkpoints. The name tells whose
// they are; it is part of every checkpoint.
func NewKey(name string) (private holm.Secret, public string, err error) {
	s, v, err := note.GenerateKey(rand.Reader, name)
	return holm.NewSecret(s), v, err
}

// Fresh makes a signer with a new pair of keys that nobody keeps.
func Fresh(name string) (*Signer, error) {
	private, public, err := NewKey(name)
	if err != nil {
		return nil, err
	}
	return NewSigner(private, public)
}

// Signer signs checkpoints.
type Signer struct {
	signer note.Signer
	public string
}

// NewSigner makes a signer of a pair of keys.
func NewSigner(private holm.Secret, public string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(private.Reveal()))
	if err != nil {
		return nil, holm.Errorf(holm.CodeInvalid, "The private key of the audit log cannot be read.")
	}
	public = strings.TrimSpace(public)
	v, err := verifier(public)
	if err != nil {
		return nil, err
	}
	if v.Name() != s.Name() || v.KeyHash() != s.KeyHash() {
		return nil, holm.Errorf(holm.CodeInvalid, "The public key of the audit log does not belong to the private one.")
	}
	return &Signer{signer: s, public: public}, nil
}

// Key is the public key, for those who check.
func (s *Signer) Key() string { return s.public }

// LogOf names the log of an account in checkpoints.
func (s *Signer) LogOf(account holm.AccountID) string {
	if account == "" {
		account = "installation"
	}
	return s.signer.Name() + "/" + string(account)
}

// Sign gives a checkpoint as text with its signature: a note as the Go
// checksum database and other transparency logs have it.
func (s *Signer) Sign(c Checkpoint) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.text()}, s.signer)
	return string(signed), err
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\ntime %s\n", c.Log, c.Size, c.Hash, c.Time.UTC().Format(time.RFC3339))
}

func verifier(key string) (note.Verifier, error) {
	v, err := note.NewVerifier(key)
	// The number in the key may be written in two ways; we write one.
	if err == nil && !strings.HasPrefix(key, fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())) {
		err = fmt.Errorf("not as it is written")
	}
	if err != nil {
		return nil, holm.Invalid("key", "This is not the public key of an audit log; it looks like holm.example.org+1a2b3c4d+Base64.")
	}
	return v, nil
}

// ParseCheckpoint checks the signature of a checkpoint with a public key and
// reads it.
func ParseCheckpoint(signed, key string) (c Checkpoint, err error) {
	v, err := verifier(key)
	if err != nil {
		return c, err
	}
	wrong := holm.Errorf(holm.CodeInvalid, "The checkpoint was not signed with this key, or was changed since.")
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return c, wrong
	}
	if len(n.UnverifiedSigs) > 0 || len(n.Sigs) != 1 {
		return c, wrong
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64); err != nil {
		return c, wrong
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 5 {
		return c, wrong
	}
	c.Log = lines[0]
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return c, wrong
	}
	if c.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return c, wrong
	}
	if c.Time, err = time.Parse("time "+time.RFC3339, lines[3]); err != nil || c.text() != n.Text {
		return c, wrong
	}
	return c, nil
}

// Consistent checks that a later checkpoint's log begins with all the rows of
// an earlier one, with the proof that the server gives.
func Consistent(earlier, later Checkpoint, proof []Hash) error {
	switch {
	case earlier.Log != later.Log:
		return holm.Errorf(holm.CodeInvalid, "The checkpoints are of different logs: %s and %s.", earlier.Log, later.Log)
	case earlier.Size > later.Size:
		return holm.Errorf(holm.CodeInvalid, "The later checkpoint has fewer rows (%d) than the earlier (%d).", later.Size, earlier.Size)
	case earlier.Size == 0:
		return nil
	case earlier.Size == later.Size && earlier.Hash == later.Hash:
		return nil
	case earlier.Size == later.Size || tlog.CheckTree(proof, later.Size, later.Hash, earlier.Size, earlier.Hash) != nil:
		return holm.Errorf(holm.CodeConflict, "The log of %d rows does not begin with the %d rows that were signed earlier: it was changed.", later.Size, earlier.Size)
	}
	return nil
}

// Contains checks that a row is in the log of a checkpoint, with the proof
// that the server gives.
func Contains(c Checkpoint, row int64, line []byte, proof []Hash) error {
	if row < 1 || row > c.Size || tlog.CheckRecord(proof, c.Size, c.Hash, row-1, Leaf(line)) != nil {
		return holm.Errorf(holm.CodeConflict, "The row is not number %d of the log that was signed.", row)
	}
	return nil
}
