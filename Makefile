# make run     set up this machine, build, and start Holm on http://127.0.0.1:8080
# make build   bin/holm, bin/holm-node and bin/runc
# make test    set up this machine and run every test
# make help    the rest

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:

# The version comes from git and is linked in; Go's own stamp is off, because it
# fails in a clone that belongs to another user.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
# The same flags for building, vetting and testing, so that every dependency is
# compiled once.
export GOFLAGS := -trimpath -buildvcs=false
export CGO_ENABLED := 0
GOBUILD := go build

# Everything that can end up in the programs. make compares their times itself,
# so that a start with nothing to build does not even ask go.
SOURCES := $(shell find . \( -name .git -o -name node_modules -o -path ./bin -o -path ./data \
	-o -path ./test -o -path ./tools -o -path ./docs \) -prune \
	-o -type f ! -name '*_test.go' ! -path '*/testdata/*' -print)

.PHONY: run
run: build ## Set up, build, start Holm (ARGS="--http :80" for flags)
	exec bin/holm serve $(ARGS)

.PHONY: build
build: bin/holm bin/holm-node bin/runc ## Set up, build the three programs into bin/

# The control plane and the command line: pure Go, one file, no C library.
bin/holm: $(SOURCES) bin/.version
	$(GOBUILD) -ldflags "-X main.version=$(VERSION)" -o $@ ./cmd/holm
	@touch $@

# PID 1 of every node, paid for once per node: no symbols, no debug tables.
bin/holm-node: $(SOURCES)
	$(GOBUILD) -ldflags "-s -w" -o $@ ./cmd/holm-node
	@touch $@

# The only part that needs a C compiler. It is started for every node and every
# command in one, so it is linked statically and without what Holm never asks it
# for (pages about itself, checkpoints): that starts in half the time.
bin/runc: tools/runc/go.mod tools/runc/go.sum Makefile
	CGO_ENABLED=1 go -C tools/runc build -tags "seccomp netgo osusergo urfave_cli_no_docs runc_nocriu" \
		-ldflags "-s -w -extldflags -static" -o $(CURDIR)/$@ github.com/opencontainers/runc
	@touch $@

# A sign-in provider that the dashboard's tests sign in at.
bin/provider: tools/provider/main.go tools/provider/go.mod tools/provider/go.sum
	go -C tools/provider build -o $(CURDIR)/$@ .
	@touch $@

# Touched only when the version changes.
bin/.version: FORCE
	@mkdir -p bin; echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@
FORCE:

# What the machine lacks is installed before anything is built.
bin/holm bin/holm-node bin/runc: | setup-run
.PHONY: setup-run setup-test
setup-run:
	@scripts/setup run
setup-test:
	@scripts/setup test

.PHONY: test
test: setup-test build ## Set up and run every test
	go test -vet=all -timeout 30m ./...
	$(if $(wildcard test/bench/go.mod),go -C test/bench vet ./...)
	$(if $(wildcard test/browser/package.json),$(MAKE) --no-print-directory test-browser)

.PHONY: test-browser
test-browser: setup-test build bin/provider ## Run the dashboard's tests in a real browser
	cd test/browser && npm ci --no-audit --no-fund && node --test --test-timeout=900000

.PHONY: test-race
test-race: setup-test build ## Run the Go tests under the race detector
	CGO_ENABLED=1 go test -race -timeout 60m ./...

.PHONY: bench
bench: setup-test build ## Measure Holm and, beside it, its peers
	go -C test/bench run .

.PHONY: generate
generate: ## Write again what is generated: pages and reference documents
	$(if $(wildcard tools/generate/go.mod),go -C tools/generate tool templ generate -path $(CURDIR))
	HOLM_UPDATE_GOLDEN=1 go test ./...

.PHONY: lint
lint: ## Run the linters
	go -C tools/lint build -o $(CURDIR)/bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	bin/golangci-lint run ./...

.PHONY: clean
clean: ## Remove what was built; data stays
	rm -rf bin

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16
