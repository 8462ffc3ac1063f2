package local

import (
	_ "embed"
	"encoding/json"
	"runtime"
	"sync"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// seccompData lists what the kernel does for nodes, in the style of the
// profile that containers commonly get: everything else is refused. Sockets
// are Unix, IPv4, IPv6 and netlink only; clone may not make name spaces (the
// mask); clone3, whose flags cannot be seen, and io_uring look as if the
// kernel did not have them, so that programs take the older way.
//
//go:embed seccomp.json
var seccompData []byte

// seccomp gives the profile for this machine's architecture.
var seccomp = sync.OnceValue(func() *specs.LinuxSeccomp {
	var profile specs.LinuxSeccomp
	if err := json.Unmarshal(seccompData, &profile); err != nil {
		panic(err) // the data is part of the program
	}
	switch runtime.GOARCH {
	case "amd64":
		profile.Architectures = []specs.Arch{specs.ArchX86_64, specs.ArchX86}
	case "arm64":
		profile.Architectures = []specs.Arch{specs.ArchAARCH64, specs.ArchARM}
	}
	return &profile
})
