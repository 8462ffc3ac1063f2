package story

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"
)

// mailServer is a real SMTP server that puts every mail it takes into a
// folder, a file each named after the recipient.
type mailServer struct {
	folder string
	count  atomic.Int64
}

// NewSession takes anybody.
func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{server: m}, nil }

type delivery struct {
	server *mailServer
	to     string
}

func (d *delivery) Reset()                                    { d.to = "" }
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%d.eml", d.to, d.server.count.Add(1))
	return os.WriteFile(filepath.Join(d.server.folder, name), raw, 0o600)
}

// mailserver address chooses a free address and puts it into the variable MAIL;
// start starts the server there; has WHO COUNT waits until a person has got so
// many mails.
func mailserver(ts *testscript.TestScript, neg bool, args []string) {
	r := of(ts)
	switch args[0] {
	case "address":
		ts.Setenv("MAIL", freeAddress(ts))
	case "start":
		listener, err := net.Listen("tcp", ts.Getenv("MAIL"))
		ts.Check(err)
		folder := ts.MkAbs("received")
		ts.Check(os.MkdirAll(folder, 0o700))
		server := smtp.NewServer(&mailServer{folder: folder})
		server.Domain, server.ReadTimeout, server.WriteTimeout = "localhost", 10*time.Second, 10*time.Second
		go server.Serve(listener)
		ts.Defer(func() { server.Close() })
	case "has":
		pattern := filepath.Join(ts.MkAbs("received"), args[1]+"@example.org-*.eml")
		if !eventuallyTrue(func() bool { files, _ := filepath.Glob(pattern); return fmt.Sprint(len(files)) == args[2] }) {
			files, _ := filepath.Glob(pattern)
			ts.Fatalf("%s has %d mails:\n%s", args[1], len(files), r.log.String())
		}
	default:
		ts.Fatalf("mailserver address|start|has WHO COUNT")
	}
}
