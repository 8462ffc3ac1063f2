// Command holm-node is process 1 of every node. It reaps, runs the node's
// service and starts it again when it ends, keeps what the service prints, and
// is itself the static web server and the balancer.
//
// It reads what to run from a folder it cannot write and must not know of
// engines, users or the control plane.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/holmhq/holm/internal/engine/control"
)

// commands are the things holm-node can do; without an argument it is
// process 1.
var commands = map[string]func(args []string) error{
	"init":  runInit,
	"serve": runServe,
}

func main() {
	name, args := "init", os.Args[1:]
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	run, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "holm-node does not know %q.\n", name)
		os.Exit(2)
	}
	if err := run(args); err != nil {
		fmt.Fprintln(os.Stderr, "holm-node:", err)
		os.Exit(1)
	}
}

// runInit is process 1. The optional argument is the control folder, for
// trying it outside a node.
func runInit(args []string) error {
	places := places{control: control.Dir, status: control.StatusDir, log: control.LogFile}
	if len(args) == 1 {
		places.control = args[0]
		places.status = args[0]
		places.log = filepath.Join(args[0], "service.log")
	}
	config, err := awaitConfig(places.control)
	if err != nil {
		return err
	}
	// A node pays for this process on top of its service: collect early.
	debug.SetGCPercent(30)
	// Without a log (a full disk) the service runs all the same.
	log, _ := openLog(places.log, control.LogMaxBytes)
	defer log.Close()
	reporter := newReporter(filepath.Join(places.status, control.StatusFile))
	switch config.Builtin {
	case control.Static:
		return serveStatic(config, log, reporter)
	case control.Balancer:
		return serveBalancer(config, places, log, reporter)
	default:
		return supervise(config, places, log, reporter)
	}
}

// places are the files process 1 works with.
type places struct{ control, status, log string }
