package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

const revocations = 200

// cut gives Bob a right, has him follow the environment, takes the right away
// and waits for the end of what he follows. The clock runs from before the
// request that takes it away until Bob's connection has ended.
func cut(b *bench) error {
	s, err := b.serve("simulated")
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := s.create("shop", static(1)); err != nil {
		return err
	}
	if _, err := s.running("shop"); err != nil {
		return err
	}
	id, token, err := s.invite(bob)
	if err != nil {
		return err
	}
	var answered, ended []time.Duration
	for range revocations {
		if err := s.share(id, "limited"); err != nil {
			return err
		}
		end, err := s.follow(token)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := s.share(id, "none"); err != nil {
			return err
		}
		answered = append(answered, time.Since(began))
		select {
		case at := <-end:
			ended = append(ended, at.Sub(began))
		case <-time.After(patience):
			return fmt.Errorf("an event stream is open %v after the right went", patience)
		}
	}
	aimed(b, fmt.Sprintf("request → stream has ended, p99 of %d", revocations), quantile(ended, 0.99), 250*time.Millisecond)
	plain(b, "p50", quantile(ended, 0.5))
	plain(b, "slowest", quantile(ended, 1))
	plain(b, "of it the change itself: request → answer, p50", quantile(answered, 0.5))
	plain(b, "p99", quantile(answered, 0.99))
	return nil
}

func (s *server) share(collaborator, level string) error {
	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: collaborator}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: level}}
	_, err := client.Call(s.b.ctx, s.ana, ops.CollaboratorShare, in)
	return err
}

// follow opens the event stream, waits for its first event and gives the
// moment in which it ends.
func (s *server) follow(token string) (<-chan time.Time, error) {
	ctx, cancel := context.WithTimeout(s.b.ctx, 2*patience)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+"/v1/environments/shop/events", nil)
	if err != nil {
		cancel()
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		cancel()
		return nil, err
	}
	lines := bufio.NewReader(response.Body)
	for line := ""; err == nil && !strings.HasPrefix(line, "data:"); {
		line, err = lines.ReadString('\n')
	}
	if err != nil || response.StatusCode != http.StatusOK {
		response.Body.Close()
		cancel()
		return nil, fmt.Errorf("the event stream answers %d (%w)", response.StatusCode, err)
	}
	end := make(chan time.Time, 1)
	go func() {
		defer cancel()
		defer response.Body.Close()
		io.Copy(io.Discard, lines)
		end <- time.Now()
	}()
	return end, nil
}
