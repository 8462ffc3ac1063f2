// Package gallery is the page that shows every part in all its states, so that
// whoever changes a part sees what they changed.
//
// It must not know anything real: what it shows is made up.
package gallery

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
)

// Page shows the parts inside the frame.
func Page(page layout.Page, now time.Time) templ.Component { return show(page, sample{now}) }

// sample makes up what the parts show.
type sample struct{ now time.Time }

var jumps = []part.Tab{
	{Label: "Buttons", Href: "#buttons", Current: true},
	{Label: "Fields", Href: "#fields"},
	{Label: "Choices", Href: "#choices"},
	{Label: "Marks", Href: "#marks", Count: 22},
	{Label: "Tables", Href: "#tables"},
	{Label: "Pictures", Href: "#pictures"},
	{Label: "Messages", Href: "#messages"},
	{Label: "Dialogs", Href: "#dialogs"},
	{Label: "Sharing", Href: "#sharing"},
	{Label: "Matrix", Href: "#matrix"},
	{Label: "Icons", Href: "#icons"},
}

func icons() []part.Icon {
	icons := part.Icons()
	slices.Sort(icons)
	return icons
}

func levels(name, value string) part.SegmentedControl {
	return part.SegmentedControl{
		Name: name, Label: "Level", Value: value, Small: true,
		Options: []part.Segment{{Value: "none", Label: "None"}, {Value: "limited", Label: "Limited"}, {Value: "full", Label: "Full"}},
	}
}

var wave = []float64{12, 14, 13, 18, 22, 19, 25, 31, 28, 34, 40, 37, 33, 29, 31, 35}

func load(last string, factor float64) *part.Sparkline {
	values := make([]float64, len(wave))
	for i, v := range wave {
		values[i] = v * factor
	}
	return &part.Sparkline{Label: "CPU, last 15 minutes", Values: values, Max: 60, Last: last}
}

func nodeTools(id string) templ.Component {
	return part.Button{Label: "Restart node " + id, Icon: part.IconRestart, IconOnly: true, Small: true, Kind: part.Quiet}
}

var shop = []part.Layer{
	{
		Role: "balancer", Title: "nginx 1.28", Note: "up to 2 cloudlets",
		Nodes: []part.Node{{ID: "11", State: "running", Address: "10.40.7.11", Load: load("4 %", 0.2), Actions: nodeTools("11")}},
	},
	{
		Role: "app", Title: "Node.js 22", Note: "up to 4 cloudlets each",
		Nodes: []part.Node{
			{ID: "12", State: "running", Address: "10.40.7.12", Load: load("35 %", 1), Actions: nodeTools("12")},
			{ID: "13", State: "restarting", Address: "10.40.7.13", Load: load("31 %", 0.9)},
			{ID: "14", State: "broken", Address: "10.40.7.14", Reason: "The process ended with code 1 three times in a minute.", Actions: nodeTools("14")},
		},
		Actions: part.Button{Label: "Scale", Icon: part.IconScale, Small: true},
	},
	{
		Role: "database", Title: "PostgreSQL 17", Note: "up to 8 cloudlets",
		Nodes: []part.Node{{ID: "15", State: "running", Address: "10.40.7.15", Load: load("18 %", 0.5), Actions: nodeTools("15")}},
	},
}

var small = []part.Layer{
	{Role: "balancer", Count: 1, State: "running"},
	{Role: "app", Count: 3, State: "running"},
	{Role: "database", Count: 1, State: "running"},
}

var halted = []part.Layer{
	{Role: "app", Count: 2, State: "stopped"},
	{Role: "cache", Count: 1, State: "stopped"},
	{Role: "storage", Count: 1, State: "stopped"},
}

var ailing = []part.Layer{
	{Role: "custom", Count: 1, State: "running"},
	{Role: "database", Count: 1, State: "broken"},
}

func (s sample) environments() part.Table {
	row := func(id, name, alias string, state part.State, layers []part.Layer, used float64, ago time.Duration, tools ...templ.Component) part.Row {
		return part.Row{ID: id, Cells: []templ.Component{
			part.Named{Label: name, Href: "#" + name, Detail: alias},
			part.StateDot{State: state},
			part.Topology{Small: true, Label: "Layers of " + name, Layers: layers},
			part.QuotaBar{Used: used, Limit: 20, Slim: true},
			part.Time{At: s.now.Add(-ago), Now: s.now},
			part.Group(tools...),
		}}
	}
	full := part.Chip{Label: "Full", Tone: part.Accent, End: true, Points: []string{"Start and stop", "Deploy", "Files, SSH and FTP", "Scale"}}
	limited := part.Chip{Label: "Limited", End: true, Detail: "Deploy, restart and read logs. No SSH, no scaling."}
	return part.Table{
		ID: "sample-environments", Caption: "Environments",
		Columns: []part.Column{
			{Label: "Name", Sort: "?sort=-name", Sorted: part.Ascending},
			{Label: "State", Sort: "?sort=state"},
			{Label: "Layers"},
			{Label: "Cloudlets", Extra: true},
			{Label: "Deployed", Extra: true},
			{Label: "Your level", Quiet: true},
		},
		Rows: []part.Row{
			row("sample-shop", "shop", "Web shop", "running", small, 11, 42*time.Minute, full),
			row("sample-blog", "blog", "", "stopped", halted, 0, 26*time.Hour, limited),
			row("sample-till", "till", "Point of sale", "broken", ailing, 18.5, 90*24*time.Hour, limited),
			row("sample-new", "autumn-campaign-2031", "Made from shop", "creating", small, 20, 5*time.Second, full),
		},
		More: "?after=autumn-campaign-2031",
	}
}

func (s sample) people() part.Table {
	row := func(email string, role string, level string, state part.State, seen time.Time) part.Row {
		return part.Row{Cells: []templ.Component{
			part.Person{Email: email},
			part.Text(role),
			part.StateDot{State: state},
			levels("level-"+email, level),
			part.Time{At: seen, Now: s.now},
		}}
	}
	return part.Table{
		Caption: "People who share shop",
		Columns: []part.Column{{Label: "Person"}, {Label: "Role"}, {Label: "Status"}, {Label: "Level"}, {Label: "Last seen"}},
		Rows: []part.Row{
			row("ana@example.org", "admin", "full", "active", s.now.Add(-3*time.Minute)),
			row("bob@example.org", "viewer", "limited", "pending", time.Time{}),
		},
	}
}

var matrix = part.PermissionMatrix{
	Caption: "What each level allows",
	Levels:  []string{"Owner", "Full", "Limited", "None"},
	Current: "Limited",
	Groups: []part.MatrixGroup{
		{Title: "Account", Rows: []part.MatrixRow{
			{Label: "Create environment", Sentence: "On the owner's account, within the owner's quota.", Answers: []part.Answer{part.Yes, part.Yes, part.No, part.No}},
			{Label: "Create environment on the own account", Answers: []part.Answer{part.Yes, "own account", "own account", "own account"}},
		}},
		{Title: "Environment", Rows: []part.MatrixRow{
			{Label: "Start", Sentence: "Start every node, database first.", Answers: []part.Answer{part.Yes, part.Yes, part.Yes, part.No}},
			{Label: "SSH and SFTP", Sentence: "Open a shell on a node as its service user.", Answers: []part.Answer{part.Yes, part.Yes, part.No, part.No}},
			{Label: "Delete", Sentence: "Stop it and erase it after seven days.", Answers: []part.Answer{part.Yes, part.No, part.No, part.No}},
		}},
	},
}

var deploying = part.Progress{
	ID: "sample-progress", Title: "Deploying shop.zip to 3 nodes", Note: "You may leave this page; it goes on.",
	Steps: []part.Step{
		{Label: "Check archive", State: part.StepDone, Detail: "2 s"},
		{Label: "Copy to nodes", State: part.StepRunning, Detail: "2 of 3"},
		{Label: "Switch over", State: part.StepWaiting},
		{Label: "Check health", State: part.StepWaiting},
	},
}

var failed = part.Progress{
	Title: "Deployment of main stopped; the release before it is still live",
	Steps: []part.Step{
		{Label: "Fetch main", State: part.StepDone, Detail: "4 s"},
		{Label: "Pre hook", State: part.StepFailed, Detail: "npm ended with code 1"},
		{Label: "Switch over", State: part.StepSkipped},
	},
}
