// Package holm is the vocabulary of Holm: the nouns of the product, the rules
// that hold for them anywhere, and the error model.
//
// It imports only the standard library and does no input or output. It must
// not know of databases, transports, engines or anybody who uses it.
package holm

import "time"

// UserID names a person with a login, for example "usr_0190…".
type UserID string

// AccountID names an account, for example "acc_0190…".
type AccountID string

// CollaboratorID names one user's membership in one account, "col_0190…".
type CollaboratorID string

// EnvironmentID names an environment, "env_0190…".
type EnvironmentID string

// LayerID names a layer of an environment, "lay_0190…".
type LayerID string

// NodeID is the number of a node, unique on the installation. People type it
// (ssh -p 3022 12-ana@host), so it is short.
type NodeID int64

// Clock tells the time. The server uses time.Now; tests move their own.
type Clock func() time.Time
