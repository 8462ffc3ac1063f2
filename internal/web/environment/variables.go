package environment

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

const variablesPath = "/variables"

var variables = tab{"Variables", variablesPath, []access.Permission{access.VariableManage}, (*page).variables}

// mountVariables adds what the tab's forms post to.
func mountVariables(s *site.Site) {
	s.Handle("GET "+root+variablesPath, tabOf(variables))
	s.Handle("POST "+root+variablesPath, action(variables, setVariable))
	s.Handle("GET "+root+variablesPath+"/remove", form("Remove a variable", (*page).removeVariableForm))
	s.Handle("POST "+root+variablesPath+"/remove", action(variables, removeVariable))
	s.Handle("POST "+root+variablesPath+"/show", showVariables)
}

// variableTab is what the tab shows.
type variableTab struct {
	*page
	list ops.VariableList
}

func (p *page) variables() (templ.Component, error) { return p.variablesOf(false) }

func (p *page) variablesOf(values bool) (templ.Component, error) {
	list, err := site.Ask(p.Request, ops.VariableListing, ops.VariableListInput{OfEnvironment: p.target(), Values: values})
	return variableTab{p, list}.view(), err
}

// showVariables answers with the values. It is a form, not an address: nobody
// comes upon values by going back or opening a link, and the asking is
// recorded each time.
func showVariables(r *site.Request) error {
	p, err := open(r, variables)
	if err != nil {
		return err
	}
	body, err := p.variablesOf(true)
	if err != nil {
		return p.tell(err)
	}
	p.tab.body = func(*page) (templ.Component, error) { return body, nil }
	return p.show(http.StatusOK)
}

func setVariable(r *site.Request, of ops.OfEnvironment) error {
	in := ops.VariableSetInput{OfEnvironment: of}
	value := strings.ReplaceAll(r.PostFormValue("value"), "\r\n", "\n")
	in.Body.Variables = []ops.VariableInput{{Name: strings.TrimSpace(r.PostFormValue("variable")), Value: holm.NewSecret(value)}}
	_, err := site.Ask(r, ops.VariableSet, in)
	if err == nil {
		r.Tell(topic, in.Body.Variables[0].Name+" is set.")
	}
	return err
}

// removeVariableForm asks before a value goes that nobody can bring back.
func (p *page) removeVariableForm() (templ.Component, error) {
	name := p.FormValue("variable")
	return part.Group(part.Head{Title: p.env.Name}, part.Confirm{ID: "remove-variable", Page: true, Title: "Remove " + name + "?", Button: "Remove " + name,
		Text:   "Its value is gone for good. Services go on with it until they are restarted.",
		Action: p.path(variablesPath + "/remove?variable=" + url.QueryEscape(name)), Back: p.path(variablesPath)}), nil
}

func removeVariable(r *site.Request, of ops.OfEnvironment) error {
	in := ops.VariableSetInput{OfEnvironment: of}
	in.Body.Remove = []string{r.FormValue("variable")}
	_, err := site.Ask(r, ops.VariableSet, in)
	if err == nil {
		r.Tell(topic, in.Body.Remove[0]+" is removed.")
	}
	return err
}

// stale lists the layers of which nodes still run with the variables of
// before, with how many.
func (v variableTab) stale() (list []staleLayer) {
	for _, l := range v.env.Layers {
		s := staleLayer{LayerView: l}
		for _, n := range l.Nodes {
			if slices.Contains(v.list.Stale, n.ID) {
				s.nodes = append(s.nodes, n.ID)
			}
		}
		if len(s.nodes) > 0 {
			list = append(list, s)
		}
	}
	return list
}

type staleLayer struct {
	ops.LayerView
	nodes []int64
}

// shown says whether the values are there.
func (v variableTab) shown() bool { return len(v.list.Items) > 0 && v.list.Items[0].Value != nil }

func (v variableTab) table() part.Table {
	t := part.Table{ID: "variables", Caption: "Environment variables", Columns: []part.Column{{Label: "Name"}, {Label: "Value", Wide: true}, {Label: "Set"}, {Label: "Change", Quiet: true}},
		Empty: part.Empty{Icon: part.IconEnvironments, Title: "No variables yet", Text: "What the services should know and the code should not hold: addresses, keys, switches."}}
	for _, x := range v.list.Items {
		t.Rows = append(t.Rows, part.Row{ID: "variable-" + x.Name, Cells: []templ.Component{variableName(x), variableValue(x), variableSet(x), v.tools(x)}})
	}
	return t
}
