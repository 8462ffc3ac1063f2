package audit

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/ops"
)

// Rows is a piece of an audit log: one line for each row, which opens to show
// with what and from where it was done. Every page that shows a log uses it.
type Rows struct {
	ID    string // of the list, unique on the page; "log" when empty
	Label string // read out: "Audit log of shop"
	List  []ops.AuditRow
	Proof string // where a row's proof is, before its number; "" where there is none for the reader
	Older string // address of a page with the older rows, "" when there are none
	Empty part.Empty
}

func (v Rows) id() string {
	if v.ID == "" {
		return "log"
	}
	return v.ID
}

func (v Rows) moreID() string { return v.id() + "-more" }

var roadIcons = map[holm.Road]part.Icon{
	holm.RoadDashboard:   part.IconApp,
	holm.RoadAPI:         part.IconBranch,
	holm.RoadCommandLine: part.IconTerminal,
	holm.RoadSSH:         part.IconKey,
	holm.RoadFTP:         part.IconFolder,
	holm.RoadSystem:      part.IconOperator,
}

var roadNames = map[holm.Road]string{
	holm.RoadDashboard:   "the dashboard",
	holm.RoadAPI:         "the API",
	holm.RoadCommandLine: "the command line",
	holm.RoadSSH:         "SSH",
	holm.RoadFTP:         "FTP",
	holm.RoadSystem:      "Holm itself",
}

func roadIcon(road string) part.Icon {
	if icon, ok := roadIcons[holm.Road(road)]; ok {
		return icon
	}
	return part.IconHelp
}

func roadName(road string) string {
	if name, ok := roadNames[holm.Road(road)]; ok {
		return name
	}
	return road
}

// resultNames are the outcomes as people read them; "0" is what went well.
var resultNames = map[string]string{
	"0":                           "Done",
	string(holm.CodeInvalid):      "Invalid",
	string(holm.CodeUnauthorized): "Wrong sign-in",
	string(holm.CodeForbidden):    "Refused",
	string(holm.CodeNotFound):     "Not visible",
	string(holm.CodeConflict):     "Conflict",
	string(holm.CodeGone):         "Link over",
	string(holm.CodeQuota):        "Limit reached",
	string(holm.CodeTooMany):      "Too many",
	string(holm.CodeUnavailable):  "Unavailable",
	string(holm.CodeInternal):     "Failed",
}

func resultName(result string) string {
	if name, ok := resultNames[result]; ok {
		return name
	}
	return result
}

func resultTone(result string) part.Tone {
	switch holm.Code(result) {
	case "0":
		return part.Good
	case holm.CodeUnauthorized, holm.CodeForbidden, holm.CodeNotFound, holm.CodeInternal:
		return part.Bad
	}
	return part.Warn
}

// fact is one line of an opened row.
type fact struct{ name, value string }

// facts are the parameters of a row, by name.
func facts(detail map[string]any) (list []fact) {
	for _, c := range (ops.AuditRow{Detail: detail}).Changes() {
		list = append(list, fact{"changed", ops.ChangeText(c)})
	}
	for name, value := range detail {
		if name == "changes" {
			continue
		}
		if text := written(value); text != "" {
			list = append(list, fact{strings.ReplaceAll(name, "_", " "), text})
		}
	}
	slices.SortStableFunc(list, func(a, b fact) int { return strings.Compare(a.name, b.name) })
	return list
}

// allTexts gives a list of texts, such as names of permissions.
func allTexts(list []any) (texts []string, ok bool) {
	for _, v := range list {
		text, ok := v.(string)
		if !ok {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}

func written(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return access.Words(v)
	case []any:
		if texts, ok := allTexts(v); ok {
			return access.Words(strings.Join(texts, ", "))
		}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(raw)
}

// whoever names who did something; who is not known has no address.
func whoever(email string) string {
	if email == "" {
		return "Somebody unknown"
	}
	return email
}
