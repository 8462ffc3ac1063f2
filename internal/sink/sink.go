// Package sink brings rows of audit logs to where an operator collects them:
// JSON lines over HTTPS, or syslog messages over TCP or TLS.
//
// It delivers what it is given, in order, and says whether it was taken. It
// must not know how far a delivery is: whoever calls it does.
package sink

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/holmhq/holm"
)

// Place is where rows go.
type Place struct {
	url    *url.URL
	secret holm.Secret // the whole address, which may hold a password
	http   *http.Client
	tls    *tls.Config
	host   string
}

// patience bounds one delivery.
const patience = 30 * time.Second

// Parse reads the address of a place: https://host/path (http for this machine
// only; user:password@ for one that wants it), syslog://host:port for plain
// TCP, syslog+tls://host:port. An error never repeats the address.
func Parse(address string) (*Place, error) {
	wrong := holm.Errorf(holm.CodeInvalid, "This is not a place for audit rows; write https://host/path, syslog+tls://host:6514 or syslog://host:514.")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Fragment != "" {
		return nil, wrong
	}
	ip := net.ParseIP(u.Hostname())
	near := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case u.Scheme == "https", u.Scheme == "http" && near:
	case u.Scheme == "http":
		return nil, holm.Errorf(holm.CodeInvalid, "Audit rows go over HTTPS; plain HTTP is for this machine only.")
	case (u.Scheme == "syslog" || u.Scheme == "syslog+tls") && u.Port() != "" && (u.Path == "" || u.Path == "/") && u.User == nil && u.RawQuery == "":
	default:
		return nil, wrong
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "-"
	}
	return &Place{url: u, secret: holm.NewSecret(address), host: host, tls: &tls.Config{MinVersion: tls.VersionTLS12},
		http: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Name tells places apart without saying where they are.
func (p *Place) Name() string {
	sum := sha256.Sum256([]byte(p.secret.Reveal()))
	return hex.EncodeToString(sum[:16])
}

// String is the place for people: no password, no path.
func (p *Place) String() string { return p.url.Scheme + "://" + p.url.Host }

// Deliver brings rows to the place. Without an error all of them were taken;
// with one, some may have been.
func (p *Place) Deliver(ctx context.Context, rows []holm.AuditEntry) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if p.url.Scheme == "https" || p.url.Scheme == "http" {
		return p.post(ctx, rows)
	}
	return p.syslog(ctx, rows)
}

// post sends rows as lines of one request.
func (p *Place) post(ctx context.Context, rows []holm.AuditEntry) error {
	var body bytes.Buffer
	for _, r := range rows {
		body.Write(r.Line)
		body.WriteByte('\n')
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.secret.Reveal(), &body)
	if err != nil {
		return fmt.Errorf("the request to %s cannot be made", p)
	}
	req.Header.Set("Content-Type", "application/jsonl")
	req.Header.Set("User-Agent", "holm")
	res, err := p.http.Do(req)
	if err != nil {
		if u, ok := err.(*url.Error); ok {
			err = u.Err // the rest of it is the address
		}
		return fmt.Errorf("%s does not take audit rows: %w", p, err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("%s answers %s to audit rows", p, res.Status)
	}
	return nil
}

// syslog sends each row as a message of RFC 5424, its length in front (RFC
// 6587, RFC 5425). The protocol has no receipt: that the other side closed the
// connection in order after all was sent is the most that can be known.
func (p *Place) syslog(ctx context.Context, rows []holm.AuditEntry) error {
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if p.url.Scheme == "syslog+tls" {
		dialer = &tls.Dialer{Config: p.tls}
	}
	conn, err := dialer.DialContext(ctx, "tcp", p.url.Host)
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", p, err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	var out bytes.Buffer
	for _, r := range rows {
		m := p.message(r)
		out.WriteString(strconv.Itoa(len(m)))
		out.WriteByte(' ')
		out.Write(m)
	}
	if _, err := conn.Write(out.Bytes()); err != nil {
		return fmt.Errorf("%s does not take audit rows: %w", p, err)
	}
	// Say that no more comes, and wait until the other side has read it all.
	closer, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	if err := closer.CloseWrite(); err != nil {
		return fmt.Errorf("%s does not take audit rows: %w", p, err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return fmt.Errorf("%s did not take all audit rows: %w", p, err)
	}
	return nil
}

// The facility is log audit (13); what went well is informational (6), what
// did not a warning (4).
const facility = 13 * 8

func (p *Place) message(r holm.AuditEntry) []byte {
	severity := 6
	if r.Result != "0" {
		severity = 4
	}
	head := fmt.Sprintf("<%d>1 %s %s holm - audit - ", facility+severity, r.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), p.host)
	return append(append([]byte(head), "\ufeff"...), r.Line...)
}
