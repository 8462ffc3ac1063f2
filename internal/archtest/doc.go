// Package archtest holds the shape of the code base: who may import whom, that
// every package says what it is for, and how long things may get. It has
// nothing but tests; docs/architecture.md gives the reasons.
//
// Where something must be different, it gets a line with a reason in
// exception_test.go.
package archtest
