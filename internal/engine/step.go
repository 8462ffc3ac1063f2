package engine

import (
	"os"
	"slices"
	"strings"
	"syscall"
)

// Step names a place in the work on an environment at which the control plane
// may die without a trace being left for ever: whoever starts next goes on.
type Step string

// The steps, in the order in which work comes by them.
const (
	StepTaken     Step = "taken"       // what is wanted was read
	StepAnnounced Step = "announced"   // nodes that stop were taken out of balancing
	StepKept      Step = "kept"        // the engine has written down what is wanted
	StepNetwork   Step = "network"     // the bridge is there
	StepRoot      Step = "root"        // a root file system is made and not at its place
	StepPrepared  Step = "prepared"    // everything is there for a start
	StepMade      Step = "made"        // the first process runs and waits
	StepConnected Step = "connected"   // the cable is there
	StepTold      Step = "told"        // the service starts; nobody has written that down
	StepStarted   Step = "started"     // it is written down
	StepLimited   Step = "limited"     // a running node has new limits; not written down
	StepEnded     Step = "ended"       // a node's first process has ended
	StepDiscarded Step = "discarded"   // nothing runs of it; not written down
	StepGone      Step = "gone"        // a node's files are removed
	StepUnbridged Step = "unbridged"   // the bridge is removed, the environment is still known
	StepCopying   Step = "copying"     // files were copied once, the source runs
	StepFrozen    Step = "frozen"      // the source stands still
	StepCopied    Step = "copied"      // the source goes on, the copy is not at its place
	StepSettled   Step = "settled"     // the copy is at its place; not written down
	StepApplied   Step = "applied"     // the engine is done; what is seen is not written down
	StepErased    Step = "erased"      // the engine has nothing left; the row is still there
	stepFile           = "HOLM_DIE_AT" // for tests: a file with the step to die at
)

// Steps lists them all, so that a test can see that it dies at each.
func Steps() []Step {
	return []Step{StepTaken, StepAnnounced, StepKept, StepNetwork, StepRoot, StepPrepared, StepMade, StepConnected, StepTold, StepStarted,
		StepLimited, StepEnded, StepDiscarded, StepGone, StepUnbridged, StepCopying, StepFrozen, StepCopied, StepSettled, StepApplied, StepErased}
}

var dieAt = os.Getenv(stepFile)

// Pass says that a step is reached. It does nothing but in a test of the whole
// program that wants it to end here, as kill -9 would end it.
func Pass(step Step) {
	if dieAt == "" {
		return
	}
	if wanted, err := os.ReadFile(dieAt); err == nil && slices.Contains(strings.Fields(string(wanted)), string(step)) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
