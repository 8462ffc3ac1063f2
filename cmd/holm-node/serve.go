package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/holmhq/holm/internal/engine/control"
)

// serve answers HTTP on the node's port until it is told to stop; requests
// under way are finished first.
func serve(config control.Config, handler http.Handler, log *rotatingLog, reporter *reporter) error {
	go newReaper().forever()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT)
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", config.Port))
	if err != nil {
		return fmt.Errorf("port %d cannot be used: %w", config.Port, err)
	}
	server := &http.Server{
		Handler:           accessLog(handler, log),
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	reporter.phase(control.Running)
	log.note("%s serves on port %d.", config.Stack, config.Port)
	slim()
	select {
	case err := <-failed:
		return err
	case <-stop:
	}
	reporter.phase(control.Stopping)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(max(config.StopSeconds, 1))*time.Second)
	defer cancel()
	err = server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}

// accessLog writes one line for each request: when, who, what, the status, the
// bytes and the time it took.
func accessLog(next http.Handler, log *rotatingLog) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		counted := &counter{ResponseWriter: w}
		defer func() {
			fmt.Fprintf(log, "%s %s %q %d %d %s\n", started.UTC().Format(time.RFC3339), client(r),
				r.Method+" "+r.URL.RequestURI(), counted.status, counted.bytes, time.Since(started).Round(time.Microsecond))
		}()
		next.ServeHTTP(counted, r)
	})
}

// client is who asked: the first address of X-Forwarded-For, since nobody but
// Holm's gateway and the environment's own nodes can reach a node.
func client(r *http.Request) string {
	if first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ","); first != "" {
		return strings.TrimSpace(first)
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// counter remembers the status and size of an answer.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) WriteHeader(status int) {
	if c.status == 0 || c.status < 200 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach flushing and hijacking.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
