package main

import (
	"os"
	"os/signal"
	"syscall"
)

// reaper collects ended processes: process 1 inherits all whose parents are
// gone, and nobody else would. It is used by one goroutine only.
type reaper struct {
	// ready gets a value when there may be something to collect. One place is
	// enough: collecting takes all there are.
	ready chan os.Signal
	ended map[int]chan syscall.WaitStatus // by the process whose end is wanted
}

func newReaper() *reaper {
	r := &reaper{ready: make(chan os.Signal, 1), ended: map[int]chan syscall.WaitStatus{}}
	signal.Notify(r.ready, syscall.SIGCHLD)
	return r
}

// watch gives a channel that gets the status of process pid when it ends.
func (r *reaper) watch(pid int) <-chan syscall.WaitStatus {
	ended := make(chan syscall.WaitStatus, 1)
	r.ended[pid] = ended
	return ended
}

// reap collects all that have ended.
func (r *reaper) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if ended, ok := r.ended[pid]; ok {
			ended <- status
			delete(r.ended, pid)
		}
	}
}

// forever collects until the program ends, for services that are part of
// process 1 itself.
func (r *reaper) forever() {
	for range r.ready {
		r.reap()
	}
}
