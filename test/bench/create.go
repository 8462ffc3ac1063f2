package main

import (
	"net"
	"time"
)

const creations = 7

// create makes environments of one static node and asks for them as a visitor
// does, from the moment of the request on, until they answer.
func create(b *bench) error {
	s, err := b.serve("local")
	if err != nil {
		return err
	}
	defer s.close()
	var answered, served []time.Duration
	for i := range creations {
		name := name(i)
		began := time.Now()
		if _, err := s.create(name, static(1)); err != nil {
			return err
		}
		answered = append(answered, time.Since(began))
		v := newVisitor(s.url(), s.host(name), "")
		err := v.until200(b.ctx)
		served = append(served, time.Since(began))
		v.close()
		if err != nil {
			return err
		}
		if err := s.deleteAll(); err != nil {
			return err
		}
	}
	plain(b, "request is answered, median of 7", quantile(answered, 0.5))
	ours := quantile(served, 0.5)
	aimed(b, "create → first 200 through the proxy, median of 7", ours, 500*time.Millisecond)
	plain(b, "fastest", quantile(served, 0))
	plain(b, "slowest", quantile(served, 1))
	theirs, err := runcAlone(b)
	if err != nil {
		return err
	}
	beside(b, "runc run of one program alone → first 200, median of 7", theirs, ours)
	return nil
}

// host is the name that an environment answers to, with the server's port.
func (s *server) host(name string) string {
	_, port, _ := net.SplitHostPort(s.address)
	return net.JoinHostPort(name+".holm.localhost", port)
}
