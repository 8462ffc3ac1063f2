package archtest

// rule says what packages of this module some packages may import. Names are
// folders; "x/..." means x and all below it; "." is package holm. A package's
// first row counts.
type rule struct {
	who      string   // for messages
	packages []string // whom it binds
	may      []string // what they may import of this module
	instead  string   // what to do instead
}

// everything is for programs and tests, which put the rest together.
const everything = "..."

// ports and features are the two long rows of the table.
var (
	ports    = []string{"internal/engine", "internal/mail", "internal/certs", "internal/source"}
	features = []string{
		"internal/account", "internal/collaboration", "internal/environment", "internal/deploy", "internal/domains",
		"internal/password", "internal/scaling", "internal/alert", "internal/observe", "internal/audit", "internal/notify", "internal/operator", "internal/reconcile",
		"internal/transfer", "internal/variable", "internal/exposure",
	}
)

// rules is the table of docs/architecture.md, "Who may import whom".
var rules = []rule{
	{"the vocabulary", []string{"."}, nil,
		"it knows nobody; whoever needs it brings its own to it"},
	{"access", []string{"access"}, []string{"."},
		"a decision is made from data alone; let the caller bring it as facts"},
	{"the catalogue", []string{"ops"}, []string{".", "access"},
		"a declaration is data; what an operation does stands in a feature"},
	{"stacks", []string{"stacks"}, []string{"."},
		"a stack is data; the engine runs it"},

	{"the proof of the audit log", []string{"internal/ledger"}, []string{"."},
		"it works on bytes; the store keeps them and roads show them"},
	{"where audit rows are brought", []string{"internal/sink"}, []string{"."},
		"it delivers what it is given; the feature knows how far it is"},
	{"the store", []string{"internal/store"}, []string{".", "access", "internal/ledger"},
		"the store keeps what it is told; rules stand in access and the features"},
	{"jobs", []string{"internal/job"}, []string{".", "internal/store"},
		"a job is a name and data; a feature does the work"},
	{"the door", []string{"internal/dispatch"}, []string{".", "access", "ops", "internal/ledger", "internal/store", "internal/job"},
		"the door knows no feature: features register with it"},

	{"a port", ports, []string{"."},
		"a port is a promise in our own words; technology stands in a driver below it"},
	{"a suite for drivers", []string{"internal/engine/enginetest"}, []string{".", "internal/engine"},
		"a suite tries what the port promises and knows no driver"},
	{"what an engine is made of", []string{"internal/engine/tree", "internal/engine/freezer"}, []string{"."},
		"it works on files and cgroups and knows no node"},
	{"what an engine and a node share", []string{"internal/engine/control"}, []string{"."},
		"a node's program is paid for once per node; keep it small"},
	{"images for the local engine", []string{"internal/engine/local/image"}, []string{"."},
		"it makes folders of what registries have and knows no node"},
	{"an engine", []string{"internal/engine/..."}, []string{".", "stacks", "internal/engine", "internal/engine/control", "internal/engine/local/image", "internal/engine/tree", "internal/engine/freezer"},
		"a driver keeps its port's promise and knows nothing of who asks"},
	{"a mail driver", []string{"internal/mail/..."}, []string{".", "internal/mail", "internal/mail/compose"},
		"a driver keeps its port's promise and knows nothing of who asks"},
	{"a certificate driver", []string{"internal/certs/..."}, []string{".", "internal/certs"},
		"a driver keeps its port's promise and knows nothing of who asks"},
	{"a source driver", []string{"internal/source/..."}, []string{".", "internal/source"},
		"a driver keeps its port's promise and knows nothing of who asks"},

	{"a feature", features,
		append([]string{".", "access", "ops", "stacks", "internal/ledger", "internal/store", "internal/job", "internal/dispatch"}, ports...),
		"ask the door again in the same transaction, or enqueue a job"},

	{"where requests come from", []string{"internal/origin"}, []string{"."},
		"it reads a request's outside; what it means is for the road"},
	{"the REST road", []string{"internal/httpapi/..."},
		[]string{".", "access", "ops", "internal/ledger", "internal/dispatch", "internal/origin", "internal/httpapi/..."},
		"a road translates; go through the door"},
	{"the dashboard's tests", []string{"internal/web/webtest"}, []string{everything}, ""},
	{"the dashboard", []string{"internal/web/..."},
		[]string{".", "access", "ops", "stacks", "internal/ledger", "internal/dispatch", "internal/origin", "internal/web/..."},
		"a road translates; go through the door"},
	{"a gateway", []string{"internal/gateway/..."},
		[]string{".", "access", "ops", "internal/dispatch", "internal/origin"},
		"a road translates; go through the door"},

	{"the client", []string{"client"}, []string{".", "access", "ops"},
		"the client speaks REST and nothing else"},
	{"the command line", []string{"internal/cli/..."}, []string{".", "access", "ops", "client", "internal/ledger", "internal/cli/..."},
		"commands speak to a server through the client"},

	{"configuration", []string{"internal/config"}, []string{".", "internal/mail/smtp", "internal/origin", "internal/sink"},
		"configuration is read before anything exists"},
	{"tests' PostgreSQL", []string{"internal/pgtest"}, nil,
		"it serves the store's tests and cannot need the store"},
	{"the application", []string{"internal/app/..."}, []string{everything}, ""},
	{"this test", []string{"internal/archtest"}, nil, "it reads code, it does not run it"},

	{"the program of a node", []string{"cmd/holm-node/..."}, []string{".", "internal/engine/control", "cmd/holm-node/..."},
		"it is paid for once per node; keep it small"},
	{"the program", []string{"cmd/holm/..."}, []string{".", "internal/app", "internal/cli", "internal/config"},
		"main only starts; put it together in app"},

	{"tests of the whole", []string{"test/...", "docs/..."}, []string{everything}, ""},
	{"test support", []string{"internal/store/storetest"}, []string{everything}, ""},
}

// reserve keeps a package from outside to those who wrap it.
type reserve struct {
	foreign string // "x/..." means x and all below it
	only    []string
	instead string
}

var reserved = []reserve{
	{"database/sql/...", []string{"internal/store", "internal/store/storetest", "internal/job"}, "give the store a method"},
	{"github.com/jackc/pgx/...", []string{"internal/store", "internal/pgtest"}, "give the store a method"},
	{"modernc.org/sqlite/...", []string{"internal/store"}, "give the store a method"},
	{"github.com/riverqueue/...", []string{"internal/job"}, "use package job"},
	{"k8s.io/...", []string{"internal/engine/kubernetes/..."}, "use the engine port"},
	{"github.com/containerd/go-runc", []string{"internal/engine/local/..."}, "use the engine port"},
	{"github.com/vishvananda/netlink/...", []string{"internal/engine/local/..."}, "use the engine port"},
	{"github.com/google/nftables/...", []string{"internal/engine/local/..."}, "use the engine port"},
	{"github.com/wneessen/go-mail/...", []string{"internal/mail/..."}, "use the mail port"},
	{"github.com/spf13/...", []string{"internal/cli/...", "internal/config", "internal/app/...", "cmd/holm/..."}, "command lines belong to cli"},
	{"testing/...", []string{"internal/pgtest", "internal/store/storetest", "internal/engine/enginetest", "internal/web/webtest", "test/..."}, "what helps tests stands in a file _test.go"},
}

// testSupport are packages that only tests and each other may import.
var testSupport = []string{"internal/pgtest", "internal/store/storetest", "internal/engine/enginetest", "internal/web/webtest"}

// pure are the packages that do no input or output: these never appear there.
var (
	pure    = []string{".", "access", "ops"}
	effects = []string{"os/...", "net", "net/http/...", "database/sql/...", "syscall", "io/ioutil", "log"}
)

// forbiddenNames say nothing about what is inside.
var forbiddenNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "type", "types", "model", "models",
	"service", "services", "manager", "managers", "base", "core", "lib", "shared"}
