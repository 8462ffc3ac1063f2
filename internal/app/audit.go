package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/audit"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/sink"
)

// The keys that sign checkpoints of the audit logs, in the folder of keys.
const (
	auditKey    = "audit.key" // private; for the server's user alone
	auditPublic = "audit.pub"
	auditLast   = "audit.last" // folder; the newest signed checkpoint of each log
)

// openAudit binds the feature with its key and with what the operator wants
// of it.
func (a *App) openAudit() error {
	signer, err := auditSigner(a.config.Data, a.config.Keys, a.config.BaseDomain)
	if err != nil {
		return err
	}
	o := audit.Options{Signer: signer, Memory: lastSigned(filepath.Join(a.config.Data, auditLast)), Alarm: func(sentence string) { a.log.Error(sentence) }, MailTo: a.config.CheckpointsMail, Keep: a.config.AuditKeep}
	if dir := a.config.Checkpoints; dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "The folder for checkpoints %s cannot be made; give another with --checkpoints", dir)
		}
		o.Publish = func(account holm.AccountID, note, key string) error { return publish(dir, account, note, key) }
	}
	if address := a.config.AuditPush; !address.Empty() {
		place, err := sink.Parse(address.Reveal())
		if err != nil {
			return err
		}
		o.Push, o.PushName = place.Deliver, place.Name()
	}
	a.audit = audit.Bind(a.door, o)
	return nil
}

// auditSigner reads the pair of keys, or makes it at the first start.
func auditSigner(data, dir, name string) (*ledger.Signer, error) {
	path := filepath.Join(dir, auditKey)
	if _, err := os.Stat(filepath.Join(data, auditKey)); err == nil && data != dir {
		return nil, holm.Errorf(holm.CodeConflict, "The key of the audit log is in %s; move %s and %s to %s, where --keys has it looked for.", data, auditKey, auditPublic, dir)
	}
	private, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret, public, err := ledger.NewKey(name)
		if err == nil {
			// The public key first: with it alone, the next start begins anew.
			err = errors.Join(replaceFile(filepath.Join(dir, auditPublic), []byte(public+"\n"), 0o644), replaceFile(path, []byte(secret.Reveal()+"\n"), 0o600))
		}
		if err != nil {
			return nil, holm.Wrap(holm.CodeUnavailable, err, "The key of the audit log cannot be written to %s", dir)
		}
		return ledger.NewSigner(secret, public)
	}
	if err != nil {
		return nil, holm.Wrap(holm.CodeUnavailable, err, "The key of the audit log %s cannot be read", path)
	}
	public, err := os.ReadFile(filepath.Join(dir, auditPublic))
	if err != nil {
		return nil, holm.Wrap(holm.CodeUnavailable, err, "The public key of the audit log is missing beside %s; bring %s back from a backup", path, auditPublic)
	}
	return ledger.NewSigner(holm.NewSecret(string(private)), string(public))
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// publish adds a checkpoint to the file of its log, one on a line.
func publish(dir string, account holm.AccountID, note, key string) error {
	name := string(account)
	if name == "" {
		name = "installation"
	}
	line, err := json.Marshal(ledger.Foot{Checkpoint: note, Key: key})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name+".jsonl")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The checkpoint cannot be written to %s", path)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// pushEvery is how long a row waits at most before it is brought elsewhere.
const pushEvery = 10 * time.Second

// keepAudit has checkpoints signed, mailed, rows brought elsewhere and old
// ones end.
func (a *App) keepAudit() {
	job.Every(a.jobs, "audit.sign", time.Hour, a.audit.Sign)
	job.Every(a.jobs, "audit.knocks", time.Minute, a.door.TellKnocks)
	job.Every(a.jobs, "audit.expire", 24*time.Hour, a.audit.Expire)
	if a.config.CheckpointsMail != "" {
		job.Every(a.jobs, "audit.mail", 24*time.Hour, a.audit.Mail)
	}
	if !a.config.AuditPush.Empty() {
		job.Every(a.jobs, "audit.push", pushEvery, a.audit.Push)
	}
}
