package levels

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// perPage is how many environments, and how many people beside those who are
// in it, a group's page shows at once.
const perPage = 200

// group is a group in its form.
type group struct {
	ops.GroupView
	levels  grant.Levels
	all     grant.Sheet // one row: on all environments, present and future
	rows    grant.Sheet // in single environments
	aliases map[string]string
	members []member
	told    string
	failed  error
	renamed error
	draft   *string // a name that could not be saved
	place           // what of it is shown
	owned   int     // how many environments the account has
	more    string  // address of the next environments
	others  string  // address of the next people
}

// place is the part of a group's page that is shown.
type place struct {
	query  string // narrows the environments by name
	cursor string // where the environments go on
	people string // where the people who are not in it go on
}

// member is a collaborator who is or could be in the group.
type member struct {
	ops.CollaboratorView
	was, want stay
	wrong     string
	clash     string // what somebody else did meanwhile
}

// stay is whether somebody is in a group, and until when.
type stay struct {
	in    bool
	until time.Time
}

func (p stay) token() string {
	if !p.in {
		return "no"
	}
	if p.until.IsZero() {
		return "yes"
	}
	return p.until.UTC().Format(time.RFC3339Nano)
}

func (p stay) same(o stay) bool { return p.token() == o.token() }

// words says a stay: "in it until the end of 4 May 2026".
func (p stay) words() string {
	switch {
	case !p.in:
		return "not in it"
	case p.until.IsZero():
		return "in it"
	}
	return "in it until " + holm.UntilWords(p.until)
}

func stayOf(token string) (p stay) {
	p.in = token != "no"
	p.until, _ = time.Parse(time.RFC3339Nano, token) // zero where there is none
	return p
}

func listGroups(r *site.Request) ([]ops.GroupView, error) {
	in := ops.GroupListInput{}
	in.Account = me
	list, err := site.Ask(r, ops.GroupList, in)
	return list.Items, err
}

func showGroups(r *site.Request) error { return groups(r, http.StatusOK, "", nil) }

func groups(r *site.Request, status int, name string, failed error) error {
	list, err := listGroups(r)
	if err != nil {
		return err
	}
	return framed(r, status, "Groups", groupsPage(list, name, r.Told("groups"), failed), part.Crumb{Label: "Groups"})
}

func createGroup(r *site.Request) error {
	in := ops.GroupCreateInput{}
	in.Account, in.Body.Name = me, r.PostFormValue("name")
	v, err := site.Ask(r, ops.GroupCreate, in)
	if shown(err) {
		return groups(r, site.Status(err), in.Body.Name, err)
	}
	if err != nil {
		return err
	}
	r.Tell("group", "Made the group "+v.Name+". Now choose who is in it, and what they have.")
	return r.See("/groups/" + url.PathEscape(v.ID))
}

func (g group) path() string { return "/groups/" + url.PathEscape(g.ID) }

// at is the address of a part of the page.
func (g group) at(p place) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": p.query, "cursor": p.cursor, "people": p.people} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return g.path()
	}
	return g.path() + "?" + q.Encode()
}

// loadGroup finds the group that the address names, with everything that can
// be chosen for it.
func loadGroup(r *site.Request) (g group, err error) {
	list, err := listGroups(r)
	if err != nil {
		return g, err
	}
	i := slices.IndexFunc(list, func(v ops.GroupView) bool { return v.ID == r.PathValue("group") })
	if i < 0 {
		return g, holm.ErrNotFound()
	}
	levels, err := listLevels(r)
	if err != nil {
		return g, err
	}
	g = group{GroupView: list[i], place: place{r.FormValue("q"), r.FormValue("cursor"), r.FormValue("people")}, levels: grant.LevelsOf(levels).OfGroup(), aliases: map[string]string{}}
	g.all = grant.Sheet{g.row("all", "all environments", nothing())}
	if wide := g.AllEnvironments; wide != nil {
		g.all = grant.Sheet{g.row("all", "all environments", grant.Of(wide.Level, true, wide.Until))}
	}
	if err := g.loadEnvironments(r); err != nil {
		return g, err
	}
	return g, g.loadMembers(r)
}

func nothing() grant.Choice { return grant.Choice{Level: holm.LevelNone} }

func (g *group) row(id, label string, now grant.Choice) grant.Row {
	return grant.Row{ID: id, Label: label, Was: now, Want: now, Levels: g.levels}
}

func (g *group) loadEnvironments(r *site.Request) error {
	given := map[string]grant.Choice{}
	for _, e := range g.Environments {
		given[e.Environment.ID] = grant.Of(e.Level, true, e.Until)
	}
	page, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Owner: me, Name: g.query, Paging: ops.Paging{Cursor: g.cursor, Limit: perPage}})
	if err != nil {
		return err
	}
	for _, e := range page.Items {
		now, ok := given[e.ID]
		if !ok {
			now = nothing()
		}
		g.aliases[e.ID] = e.Alias
		g.rows = append(g.rows, g.row(e.ID, e.Name, now))
	}
	if page.Next != nil {
		g.more = g.at(place{g.query, *page.Next, g.people})
	}
	limits := ops.AccountLimitsInput{}
	limits.Account = me
	v, err := site.Ask(r, ops.AccountLimits, limits)
	g.owned = v.Used.Environments
	return err
}

// loadMembers lists everybody who is in the group, and beside them a page of
// those who could be.
func (g *group) loadMembers(r *site.Request) error {
	in := map[string]bool{}
	for _, m := range g.Members {
		p := stay{in: true}
		if m.Until != nil {
			p.until = *m.Until
		}
		in[m.Collaborator.ID] = true
		g.members = append(g.members, member{CollaboratorView: ops.CollaboratorView{ID: m.Collaborator.ID, Email: m.Collaborator.Email, Name: m.Name, Status: m.Status}, was: p, want: p})
	}
	ask := ops.CollaboratorListInput{Paging: ops.Paging{Cursor: g.people, Limit: perPage}}
	ask.Account = me
	page, err := site.Ask(r, ops.CollaboratorList, ask)
	for _, c := range page.Items {
		if !in[c.ID] {
			g.members = append(g.members, member{CollaboratorView: c})
		}
	}
	if page.Next != nil {
		g.others = g.at(place{g.query, g.cursor, *page.Next})
	}
	return err
}

// wanted is what the posted form changes.
type wanted struct {
	members      []ops.GroupMember
	remove       []string
	environments []ops.Share
	all          *string
	until        *time.Time
	was          *ops.GroupSeen
}

func (w wanted) nothing() bool {
	return len(w.members)+len(w.remove)+len(w.environments) == 0 && w.all == nil
}

// read takes what the form chose into the page, and gives what it changes.
func (g *group) read(r *site.Request) (w wanted, err error) {
	rows, all := g.rows.Read(onlyEnvironments(r.PostForm)), g.all.Read(onlyAll(r.PostForm))
	for _, problem := range []error{rows.Problem(), all.Problem()} {
		if err == nil {
			err = problem
		}
	}
	for _, c := range rows.Changes {
		w.environments = append(w.environments, ops.Share{Environment: c.ID, Level: c.Want.Name(), Until: c.Want.End(), Was: c.Was.Held()})
	}
	w.was = &ops.GroupSeen{}
	for _, c := range all.Changes {
		level := c.Want.Name()
		w.all, w.until, w.was.AllEnvironments = &level, c.Want.End(), c.Was.Held()
	}
	for i := range g.members {
		m := &g.members[i]
		problem := m.read(r.PostForm)
		if problem == nil && m.clash != "" {
			problem = grant.Edit{Clashes: 1}.Problem()
		}
		if problem != nil && err == nil {
			err = problem
		}
		if m.was.in {
			w.was.Members = append(w.was.Members, ops.GroupMember{Collaborator: m.ID, Until: ops.TimeOrNull(m.was.until)})
		}
		switch {
		case m.want.same(m.was):
		case !m.want.in:
			w.remove = append(w.remove, m.ID)
		default:
			w.members = append(w.members, ops.GroupMember{Collaborator: m.ID, Until: ops.TimeOrNull(m.want.until)})
		}
	}
	return w, err
}

// onlyAll and onlyEnvironments part the form's two tables.
func onlyAll(form url.Values) url.Values {
	part := url.Values{}
	for _, field := range []string{"was.all", "level.all", "until.all"} {
		if form.Has(field) {
			part[field] = form[field]
		}
	}
	return part
}

func onlyEnvironments(form url.Values) url.Values {
	part := url.Values{}
	for field, values := range form {
		if field != "was.all" {
			part[field] = values
		}
	}
	return part
}

// read takes what the form says of one person. Where the form was made from
// something else than what is there now, and changes that, it is a clash.
func (m *member) read(form url.Values) error {
	token := form.Get("was-member." + m.ID)
	if token == "" {
		return nil
	}
	was := stayOf(token)
	if err := m.choose(form, was); err != nil {
		return err
	}
	if m.want.same(was) || m.want.same(m.was) {
		m.want = m.was
		return nil
	}
	if !m.was.same(was) {
		m.clash = "Meanwhile somebody changed this: they are " + m.was.words() + " now; on this page they were " + was.words() + ". Save again to have them " + m.want.words() + "."
	}
	return nil
}

func (m *member) choose(form url.Values, was stay) error {
	m.want = stay{in: form.Has("member." + m.ID)}
	day := form.Get("member-until." + m.ID)
	switch {
	case !m.want.in || day == "":
		return nil
	case day == grant.DayOf(&was.until):
		m.want.until = was.until
		return nil
	}
	end, err := grant.EndOf("members", day)
	if err != nil {
		m.wrong = site.Reason(err, "members")
		return err
	}
	m.want.until = *end
	return nil
}

func (g group) show(r *site.Request, status int) error {
	return framed(r, status, g.Name, g.page(), part.Crumb{Label: "Groups", Href: "/groups"}, part.Crumb{Label: g.Name})
}

func showGroup(r *site.Request) error {
	g, err := loadGroup(r)
	if err != nil {
		return err
	}
	g.told = r.Told("group")
	return g.show(r, http.StatusOK)
}

func updateGroup(r *site.Request) error {
	g, err := loadGroup(r)
	if err != nil {
		return err
	}
	w, err := g.read(r)
	if err == nil && w.nothing() {
		r.Tell("group", "Nothing was changed.")
		return r.See(g.at(g.place))
	}
	var means ops.PreviewView
	if err == nil {
		means, err = g.ahead(r, w)
	}
	if err == nil {
		in := ops.GroupUpdateInput{}
		in.Account, in.Group = me, g.ID
		in.Body.Members, in.Body.Remove, in.Body.Environments, in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil, in.Body.Was = w.members, w.remove, w.environments, w.all, w.until, w.was
		_, err = site.Ask(r, ops.GroupUpdate, in)
	}
	if shown(err) {
		g.failed = err
		g.rows.Blame(err, time.Now())
		return g.show(r, site.Status(err))
	}
	if err != nil {
		return err
	}
	r.Tell("group", grant.Told(means, "", nil))
	return r.See(g.at(g.place))
}

// ahead asks what a change would mean for everybody in the group.
func (g group) ahead(r *site.Request, w wanted) (ops.PreviewView, error) {
	in := ops.GroupPreviewInput{}
	in.Account, in.Group = me, g.ID
	in.Body.Members, in.Body.Remove, in.Body.Environments, in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil, in.Body.Was = w.members, w.remove, w.environments, w.all, w.until, w.was
	return site.Ask(r, ops.GroupPreview, in)
}

func previewGroup(r *site.Request) error {
	g, err := loadGroup(r)
	if err != nil {
		return err
	}
	w, err := g.read(r)
	if err == nil && w.nothing() {
		return r.Part(http.StatusOK, templ.NopComponent)
	}
	var v ops.PreviewView
	if err == nil {
		v, err = g.ahead(r, w)
	}
	return foreseen(r, v, err, "")
}

func renameGroup(r *site.Request) error {
	g, err := loadGroup(r)
	if err != nil {
		return err
	}
	in := ops.GroupUpdateInput{}
	in.Account, in.Group, in.Body.Name = me, g.ID, r.PostFormValue("name")
	g.draft = &in.Body.Name
	if was := r.PostFormValue("was-name"); was != "" {
		in.Body.Was = &ops.GroupSeen{Name: was}
	}
	if in.Body.Name == "" {
		err = holm.Invalid("name", "Give the group a name.")
	} else {
		_, err = site.Ask(r, ops.GroupUpdate, in)
	}
	if shown(err) {
		g.renamed = err
		return g.show(r, site.Status(err))
	}
	if err != nil {
		return err
	}
	r.Tell("group", "The group is called "+in.Body.Name+" now.")
	return r.See(g.path())
}

// question asks before the group is deleted, with what that means.
func (g group) question(v ops.PreviewView) part.Confirm {
	c := part.Confirm{ID: "delete-group", Title: "Delete the group " + g.Name + "?", Action: g.path() + "/delete", Button: "Delete", Page: true, Back: g.path(), Version: g.Version}
	for _, words := range []string{grant.Sentence(v, ""), grant.Cut(v), grant.Refused(v)} {
		if words != "" {
			c.Points = append(c.Points, words)
		}
	}
	if len(c.Points) == 0 {
		c.Points = []string{"Nobody loses anything by it."}
	}
	if n := len(g.Members); n > 0 {
		c.Points = append(c.Points, "A mail tells those who were in it: "+strconv.Itoa(n)+".")
	}
	return c
}

func askGroup(r *site.Request) error {
	g, err := loadGroup(r)
	if err != nil {
		return err
	}
	in := ops.GroupPreviewInput{}
	in.Account, in.Group, in.Body.Delete = me, g.ID, true
	v, err := site.Ask(r, ops.GroupPreview, in)
	if err != nil {
		return err
	}
	question := g.question(v)
	return framed(r, http.StatusOK, question.Title, part.Group(part.Head{Title: g.Name}, question), part.Crumb{Label: "Groups", Href: "/groups"}, part.Crumb{Label: g.Name, Href: g.path()})
}

func deleteGroup(r *site.Request) error {
	g, err := loadGroup(r)
	if err != nil {
		return err
	}
	in := ops.GroupDeleteInput{Version: r.PostFormValue("version")}
	in.Account, in.Group = me, g.ID
	if _, err := site.Ask(r, ops.GroupDelete, in); shown(err) {
		g.failed = err
		return g.show(r, site.Status(err))
	} else if err != nil {
		return err
	}
	r.Tell("groups", "Deleted the group "+g.Name+".")
	return r.See("/groups")
}
