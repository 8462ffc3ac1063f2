// Package ledger is what makes an audit log provable: the Merkle tree over its
// rows, signed checkpoints of it, the file that an export is, and the check of
// such a file with nothing but the file, a checkpoint and a public key.
//
// It works on bytes. It must not know where rows are kept, who may read them,
// or what any of them says.
package ledger

import (
	"crypto/sha256"
	"errors"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of a row or of a part of the tree (RFC 6962, section 2.1).
type Hash = tlog.Hash

// Leaf is the hash of a row's canonical bytes.
func Leaf(line []byte) (h Hash) {
	if len(line) < 1023 {
		var whole [1024]byte // the first byte says that it is a leaf
		n := copy(whole[1:], line)
		return sha256.Sum256(whole[:n+1])
	}
	return tlog.RecordHash(line)
}

func join(left, right Hash) Hash {
	var both [1 + 2*tlog.HashSize]byte
	both[0] = 1
	copy(both[1:], left[:])
	copy(both[1+tlog.HashSize:], right[:])
	return sha256.Sum256(both[:])
}

// Edge is what of a tree must be known to add to it: the hashes of the whole
// subtrees that it is made of, the largest first. Their number is that of the
// ones in the tree's size.
type Edge []Hash

// Add adds the hash of a row to a tree that had size rows.
func (e Edge) Add(size int64, leaf Hash) Edge {
	for ; size&1 == 1; size >>= 1 {
		last := len(e) - 1
		leaf, e = join(e[last], leaf), e[:last]
	}
	return append(e, leaf)
}

// Root is the hash of the whole tree.
func (e Edge) Root() Hash {
	if len(e) == 0 {
		return sha256.Sum256(nil)
	}
	h := e[len(e)-1]
	for i := len(e) - 2; i >= 0; i-- {
		h = join(e[i], h)
	}
	return h
}

// Bytes is an edge as it is kept.
func (e Edge) Bytes() []byte { return Join(e) }

// Join puts hashes one behind the other.
func Join(list []Hash) []byte {
	b := make([]byte, 0, len(list)*tlog.HashSize)
	for _, h := range list {
		b = append(b, h[:]...)
	}
	return b
}

// Split takes hashes apart that stand one behind the other.
func Split(b []byte) ([]Hash, error) {
	if len(b)%tlog.HashSize != 0 {
		return nil, errors.New("ledger: bytes that are not whole hashes")
	}
	list := make([]Hash, len(b)/tlog.HashSize)
	for i := range list {
		copy(list[i][:], b[i*tlog.HashSize:])
	}
	return list, nil
}

// ParseEdge reads the edge of a tree with size rows.
func ParseEdge(size int64, b []byte) (Edge, error) {
	e, err := Split(b)
	if err == nil && len(e) != bits.OnesCount64(uint64(size)) {
		err = errors.New("ledger: the edge is not one of a tree of this size")
	}
	return e, err
}

// EdgeIndexes are where the hashes of the edge of a tree with size rows are
// stored, in the numbering of tlog.
func EdgeIndexes(size int64) (list []int64) {
	at := int64(0)
	for level := 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			list = append(list, tlog.StoredHashIndex(level, at>>level))
			at += 1 << level
		}
	}
	return list
}
