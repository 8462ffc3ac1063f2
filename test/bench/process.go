package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that was started here and is ended by its id.
type process struct {
	cmd   *exec.Cmd
	log   *os.File
	ended chan struct{}
}

// launch starts a program. What it says goes to a file in dir, for the case
// that it fails. It is in a process group of its own, so that Ctrl-C reaches
// this program alone, which then ends the others in order.
func launch(dir, name string, args, env []string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, filepath.Base(name)+".log"))
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(name, args...), log: log, ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		log.Close()
		return nil, err
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// end asks the program's group to end and waits.
func (p *process) end() {
	syscall.Kill(-p.pid(), syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		syscall.Kill(-p.pid(), syscall.SIGKILL)
		<-p.ended
	}
	p.log.Close()
}

// said gives the last words of the program.
func (p *process) said() string {
	raw, _ := os.ReadFile(p.log.Name())
	return strings.TrimSpace(string(raw[max(0, len(raw)-1000):]))
}

// tick is the kernel's unit of CPU time in /proc, the same on all of Go's
// Linux systems.
const tick = 10 * time.Millisecond

// cpu is the processor time that processes have used so far.
func cpu(pids ...int) (total time.Duration, err error) {
	for _, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		for _, field := range fields[11:13] { // user and system
			ticks, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, err
			}
			total += time.Duration(ticks) * tick
		}
	}
	return total, nil
}

// waited is how long the threads of a process have been ready to run while
// others had the processor: what a busy machine adds to every time.
func waited(pid int) (total time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, name := range threads {
		raw, _ := os.ReadFile(name)
		if fields := strings.Fields(string(raw)); len(fields) > 1 {
			nanoseconds, _ := strconv.ParseInt(fields[1], 10, 64)
			total += time.Duration(nanoseconds)
		}
	}
	return total
}

// ownCPU is the processor time that this program has used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// children are the processes that one has started itself.
func children(pid int) (pids []int) {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, field := range strings.Fields(string(raw)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// resident is what a process has in memory.
type resident struct {
	whole bytes // VmRSS
	own   bytes // of it not backed by files: heap and stacks
	share bytes // Pss: what is shared is divided by those who share it
}

func residentOf(pid int) (r resident, err error) {
	for name, into := range map[string]map[string]*bytes{"status": {"VmRSS:": &r.whole, "RssAnon:": &r.own}, "smaps_rollup": {"Pss:": &r.share}} {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err != nil {
			return r, err
		}
		for line := range strings.Lines(string(raw)) {
			fields := strings.Fields(line)
			if len(fields) < 3 || into[fields[0]] == nil {
				continue
			}
			kibibytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return r, err
			}
			*into[fields[0]] = bytes(kibibytes << 10)
		}
	}
	return r, nil
}
