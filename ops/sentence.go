package ops

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// Sentence tells what a row of an audit log says, after the name of who did
// it: "scaled app of shop: nodes 2 → 3", "tried to delete shop and was
// refused". Pages, the command line and mails all tell it with this function.
// It reads the row's operation, target, result and detail.
func Sentence(r AuditRow) string {
	if text, ok := bySystem[r.Operation]; ok {
		return r.fill(text) + r.changed()
	}
	op := Lookup(r.Operation)
	if op == nil || op.Done == "" {
		return r.Operation
	}
	if r.Result == "0" {
		return r.fill(op.Done) + r.changed()
	}
	ending, ok := endings[holm.Code(r.Result)]
	if !ok {
		ending = " and could not"
	}
	if _, counted := r.Detail["tries"]; r.Who.Email == "" && (counted || r.text("network") != "") { // of somebody unknown nothing is kept but the network
		return "tried to " + infinitive(r.fill(op.Done)) + ending + r.times()
	}
	return "tried to " + infinitive(r.fill(op.Done)) + r.tried() + ending
}

// bySystem are the sentences of what Holm does by itself.
var bySystem = map[string]string{
	"installation.set_up": "made {target} the first user",
	"collaborator.expire": "let the invitation of {target} end",
	"environment.erase":   "erased {target}",
	"transfer.expire":     "let the offer of {target} end",
	"environment.copy":    "copied the files for {target}",
	"layer.password_set":  "set a new password of {target} of {environment} and mailed it",
	"environment.fail":    "could not bring {target} to what was wanted",
	"audit.alarm":         "found that the audit log {target} is not what was signed",
	"audit.expire":        "let old entries of this log end: {target}",
}

// endings say how an attempt ended that did not get through.
var endings = map[holm.Code]string{
	holm.CodeForbidden:    " and was refused",
	holm.CodeUnauthorized: " and was not let in",
	holm.CodeNotFound:     " and found nothing there",
	holm.CodeInvalid:      " with something that does not fit",
	holm.CodeConflict:     " while it was not possible",
	holm.CodeGone:         " with a link that is over",
	holm.CodeQuota:        " beyond what the account may have",
	holm.CodeTooMany:      " too often",
	holm.CodeUnavailable:  " and it did not work",
	holm.CodeInternal:     " and something broke",
}

// irregular are the verbs of the sentences whose infinitive no rule gives.
var irregular = map[string]string{
	"set": "set", "read": "read", "sent": "send", "left": "leave", "took": "take", "made": "make", "let": "let", "ran": "run", "put": "put",
	"gave": "give", "got": "get", "began": "begin", "went": "go", "wrote": "write", "bound": "bind", "unbound": "unbind", "told": "tell",
	"saw": "see", "rolled": "roll", "saved": "save", "removed": "remove", "changed": "change", "declined": "decline", "invited": "invite",
	"created": "create", "deleted": "delete", "scaled": "scale", "shared": "share", "cloned": "clone", "restored": "restore", "revoked": "revoke",
	"added": "add", "asked": "ask", "signed": "sign", "ended": "end", "listed": "list", "looked": "look", "started": "start", "stopped": "stop",
	"restarted": "restart", "accepted": "accept", "followed": "follow", "opened": "open", "closed": "close", "approved": "approve",
	"answered": "answer", "requested": "request", "cancelled": "cancel", "canceled": "cancel", "offered": "offer", "swapped": "swap",
	"turned": "turn", "registered": "register", "uploaded": "upload", "deployed": "deploy", "stored": "store", "reset": "reset",
	"configured": "configure", "exported": "export", "reviewed": "review", "rotated": "rotate", "enabled": "enable", "disabled": "disable",
	"renamed": "rename", "applied": "apply", "planned": "plan", "trimmed": "trim", "explained": "explain", "compared": "compare",
	"previewed": "preview", "extended": "extend", "used": "use", "viewed": "view", "took back": "take back", "forwarded": "forward", "edited": "edit",
	"transferred": "transfer", "chose": "choose", "named": "name", "moved": "move", "proved": "prove", "checked": "check", "withdrew": "withdraw",
	"forgot": "forget", "joined": "join", "connected": "connect", "disconnected": "disconnect", "downloaded": "download", "narrowed": "narrow",
	"suspended": "suspend", "reactivated": "reactivate", "refused": "refuse", "lifted": "lift", "broke": "break", "searched": "search",
	"linked": "link", "unlinked": "unlink", "granted": "grant", "rejected": "reject", "dismissed": "dismiss", "paused": "pause", "resumed": "resume",
	"erased": "erase", "cleared": "clear", "replaced": "replace", "attached": "attach", "detached": "detach", "renewed": "renew", "verified": "verify",
	"mailed": "mail", "tested": "test", "watched": "watch", "replayed": "replay", "imported": "import", "pushed": "push", "pulled": "pull",
}

// infinitive makes "deleted shop" into "delete shop". A test holds that the
// verb of every operation is known here.
func infinitive(done string) string {
	verb, rest, _ := strings.Cut(done, " ")
	if known, ok := irregular[verb]; ok {
		verb = known
	} else {
		verb = strings.TrimSuffix(verb, "ed")
	}
	return strings.TrimSpace(verb + " " + rest)
}

// fill puts names into a sentence of the catalogue.
func (r AuditRow) fill(sentence string) string {
	environment := r.text("environment")
	target := r.subject(environment)
	if environment == "" {
		environment = r.Target
	}
	return strings.NewReplacer("{environment}", environment, "{target}", target).Replace(sentence)
}

// identifier is a name that only Holm understands.
var identifier = regexp.MustCompile(`^[a-z]{2,5}_[0-9a-f]{32}$`)

// subject names what was acted on inside the environment or account.
func (r AuditRow) subject(environment string) string {
	name := strings.TrimPrefix(r.Target, environment+" ")
	if name != environment && name != "" && name != "me" && !identifier.MatchString(name) {
		return name
	}
	for _, key := range []string{"layer", "node", "collaborator", "email", "user", "name"} {
		switch text := r.text(key); {
		case text == "" || identifier.MatchString(text):
		case key == "node":
			return "node " + text
		default:
			return text
		}
	}
	for _, key := range []string{"layer", "node", "collaborator", "user"} {
		if r.text(key) != "" {
			return "a " + key
		}
	}
	return name
}

// text is a value of the detail as people write it; "" for what is no single
// value.
func (r AuditRow) text(key string) string { return plain(r.Detail[key]) }

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int, int64:
		return fmt.Sprint(v)
	}
	return ""
}

// Changes reads what a change changed from its detail.
func (r AuditRow) Changes() (list []holm.AuditChange) {
	switch changes := r.Detail["changes"].(type) {
	case []holm.AuditChange:
		return changes
	case []any:
		for _, v := range changes {
			if m, ok := v.(map[string]any); ok {
				what, _ := m["what"].(string)
				of, _ := m["of"].(string)
				list = append(list, holm.AuditChange{What: what, Of: of, Was: m["was"], Now: m["now"]})
			}
		}
	}
	return list
}

// toldMost is how many changes a sentence names.
const toldMost = 3

// changed tells what is different: ": level in shop none → limited".
func (r AuditRow) changed() string {
	list := r.Changes()
	if len(list) == 0 {
		return ""
	}
	var told []string
	for _, c := range list[:min(len(list), toldMost)] {
		told = append(told, ChangeText(c))
	}
	if more := len(list) - toldMost; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return ": " + strings.Join(told, ", ")
}

// ChangeText tells one change: "level in shop none → limited".
func ChangeText(c holm.AuditChange) string {
	what := strings.ReplaceAll(c.What, "_", " ")
	if c.Of != "" {
		what = c.Of
		if c.What != "level" {
			what += " " + strings.ReplaceAll(c.What, "_", " ")
		}
	}
	return what + " " + value(c.Was) + " → " + value(c.Now)
}

func value(v any) string {
	if list, ok := v.([]any); ok {
		var texts []string
		for _, x := range list {
			texts = append(texts, value(x))
		}
		return strings.Join(texts, " + ")
	}
	if text := plain(v); text != "" {
		return access.Words(text)
	}
	return "nothing"
}

// named are the parts of a detail that the sentence says already, or that
// belong to the answer.
var named = []string{"environment", "error", "permission", "reason", "changes", "layer", "node", "collaborator", "email", "user", "token", "path", "account"}

// tried tells with what something was tried: " (nodes 40)".
func (r AuditRow) tried() string {
	var keys []string
	for key := range r.Detail {
		if !slices.Contains(named, key) && !strings.HasPrefix(key, "was_") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var told []string
	for _, key := range keys {
		switch v := r.Detail[key].(type) {
		case []any:
			told = append(told, wanted(v)...)
		default:
			if text := plain(v); text != "" && !strings.Contains(text, "•") && !identifier.MatchString(text) && len(text) < 80 {
				told = append(told, strings.ReplaceAll(key, "_", " ")+" "+access.Words(text))
			}
		}
	}
	if len(told) > toldMost {
		told = append(told[:toldMost], fmt.Sprintf("and %d more", len(told)-toldMost))
	}
	if len(told) == 0 {
		return ""
	}
	return " (" + strings.Join(told, ", ") + ")"
}

// wanted tells the levels that a save was about.
func wanted(list []any) (told []string) {
	for _, v := range list {
		m, _ := v.(map[string]any)
		who, level := plain(m["environment"]), plain(m["level"])
		if who == "" {
			who = plain(m["collaborator"])
		}
		if who != "" && level != "" {
			told = append(told, who+" "+access.Words(level))
		}
	}
	return told
}

// times says how often, in a row that stands for several attempts.
func (r AuditRow) times() string {
	tries, counted := r.Detail["tries"]
	if !counted {
		return ""
	}
	text := ", " + plain(tries) + " times in the hour from " + r.text("from")
	if n := r.text("networks"); n != "1" && n != "" {
		text += ", from " + n + " networks"
	}
	return text
}
