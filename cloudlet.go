package holm

// One cloudlet is 128 MiB of memory and 400 MHz of CPU.
const (
	CloudletMemory = 128 << 20 // bytes
	CloudletMHz    = 400       // of one core taken as ReferenceMHz
	// ReferenceMHz is what one whole core counts as, so that limits mean the
	// same on every machine.
	ReferenceMHz = 2000
)

// CloudletMemoryBytes is the memory limit that n cloudlets stand for.
func CloudletMemoryBytes(n int) int64 { return int64(n) * CloudletMemory }

// CloudletCores is the CPU limit that n cloudlets stand for, in cores.
func CloudletCores(n int) float64 { return float64(n) * CloudletMHz / ReferenceMHz }
