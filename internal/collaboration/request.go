package collaboration

import (
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// openMost is how many requests somebody may wait for on one account.
const openMost = 20

func requestView(r holm.AccessRequest) ops.AccessRequestView {
	v := ops.AccessRequestView{ID: r.ID, Collaborator: ops.Person{ID: string(r.Collaborator), Email: r.Email}, Environment: ops.Titled{ID: string(r.Environment), Name: r.EnvironmentName},
		Permission: r.Permission, Minutes: int(r.For / time.Minute), Reason: r.Reason, Status: string(r.Status), BreakGlass: r.Glass, CreatedAt: r.CreatedAt,
		AnsweredAt: ops.TimeOrNull(r.AnsweredAt), AnsweredBy: r.AnsweredBy, Answer: r.Answer, Until: ops.TimeOrNull(r.Until)}
	if r.Permission == "" {
		v.Level = r.LevelName
	}
	return v
}

// request asks the owner for more, or takes it where the owner allows that.
func (f *feature) request(s *dispatch.Scope, in *ops.AccessRequestInput) (v ops.AccessRequestView, err error) {
	if s.Facts.Owner {
		return v, holm.Errorf(holm.CodeConflict, "It is your own environment; you have every right already.")
	}
	b, c := in.Body, s.Relation.Member
	r := holm.AccessRequest{Account: s.Account.ID, Collaborator: c.ID, Email: s.User.Email, Environment: s.Environment.ID, EnvironmentName: s.Environment.Name,
		For: time.Duration(b.Minutes) * time.Minute, Reason: strings.TrimSpace(b.Reason), Status: holm.RequestOpen}
	means, err := wished(s, &r, b.Level, b.Permission)
	if err != nil {
		return v, err
	}
	if r.Reason == "" {
		return v, holm.Invalid("reason", "Say why you need it; the owner reads it.")
	}
	if err := holm.CheckLine("reason", r.Reason, 500); err != nil {
		return v, err
	}
	if b.Minutes < 1 || r.For > holm.RequestLongest {
		return v, holm.Invalid("minutes", "Ask for 1 to %d minutes.", int(holm.RequestLongest/time.Minute))
	}
	if has := access.Stand(s.Relation.Gifts, s.Now()); means.Gives&^has.Gives == 0 {
		return v, holm.Errorf(holm.CodeConflict, "You have that already: your access to %s is %s.", s.Environment.Name, access.Words(has.Name))
	}
	s.Note("asked", r.What())
	if b.BreakGlass {
		return f.breakGlass(s, c, r)
	}
	if n, err := s.Tx.OpenRequests(c.ID); err != nil || n >= openMost {
		if err == nil {
			err = holm.Errorf(holm.CodeQuota, "You wait for %d answers already; no more can be asked before the owner has answered.", n)
		}
		return v, err
	}
	if r, err = s.Tx.PutRequest(r); err != nil {
		return v, err
	}
	s.Write(requestLetter(s, holm.LetterAccessAsked, r, s.Account.OwnerEmail, s.Account.OwnerName))
	s.CollaboratorsChanged(s.Account.ID)
	return requestView(r), nil
}

// wished reads what is asked for: one permission or a level.
func wished(s *dispatch.Scope, r *holm.AccessRequest, level, permission string) (access.Level, error) {
	if (level == "") == (permission == "") {
		return access.Level{}, holm.Invalid("level", "Ask for a level or for a permission.")
	}
	if permission != "" {
		if _, err := permissions([]string{permission}); err != nil {
			return access.Level{}, err
		}
		r.Permission = permission
		return access.Alone(access.Permission(permission)), nil
	}
	n, err := levelsOf(s).find("level", level)
	if err == nil && n.means.Gives == 0 {
		err = holm.Invalid("level", "Ask for a level that gives something.")
	}
	r.Level, r.LevelName = n.Level, n.means.Name
	return n.means, err
}

// breakGlass gives the caller what they ask for at once. The owner is told.
func (f *feature) breakGlass(s *dispatch.Scope, c holm.Collaborator, r holm.AccessRequest) (v ops.AccessRequestView, err error) {
	if !c.Glass {
		return v, &holm.Error{Code: holm.CodeForbidden, Detail: "You may not give yourself access: the owner has not allowed it. " + s.Account.OwnerEmail + " can allow it; or ask without breaking the glass.",
			Permission: string(access.AccountManageCollaborators), Reason: "The owner has not allowed you to break the glass.", GrantableBy: s.Account.OwnerEmail}
	}
	if r.For > holm.GlassLongest {
		return v, holm.Invalid("minutes", "Break the glass for at most %d minutes.", int(holm.GlassLongest/time.Minute))
	}
	r.Glass, r.Status, r.Until = true, holm.RequestApproved, s.Now().Add(r.For)
	if r, err = s.Tx.PutRequest(r); err != nil {
		return v, err
	}
	s.Note("until", r.Until)
	s.Write(requestLetter(s, holm.LetterGlass, r, s.Account.OwnerEmail, s.Account.OwnerName))
	s.AccessChanged(s.User.ID)
	s.CollaboratorsChanged(s.Account.ID)
	return requestView(r), nil
}

func requestLetter(s *dispatch.Scope, kind holm.LetterKind, r holm.AccessRequest, to, name string) holm.Letter {
	l := letter(s, kind, to, name)
	l.Event += ":" + r.ID
	l.Environment, l.Level, l.Until, l.Reason, l.Path = r.EnvironmentName, holm.Level(r.What()), r.Until, r.Reason, "/requests/"+r.ID
	l.For = r.For
	return l
}

func (f *feature) requests(s *dispatch.Scope, in *ops.AccessRequestsInput) (page ops.Page[ops.AccessRequestView], err error) {
	if in.Request != "" {
		r, err := s.Tx.Request(s.Account.ID, in.Request)
		page.Items = append(page.Items, requestView(r))
		return page, err
	}
	list, err := s.Tx.Requests(s.Account.ID, in.Status, in.Cursor, in.Size()+1)
	return requestPage(list, in.Size()), err
}

func requestPage(list []holm.AccessRequest, size int) ops.Page[ops.AccessRequestView] {
	page := ops.Page[ops.AccessRequestView]{Items: []ops.AccessRequestView{}}
	for i, r := range list {
		if i == size {
			page.Next = &list[i-1].ID
			break
		}
		page.Items = append(page.Items, requestView(r))
	}
	return page
}

// asked lists what the caller asked for.
func (f *feature) asked(s *dispatch.Scope, in *ops.AccessAskedInput) (ops.Page[ops.AccessRequestView], error) {
	var only holm.AccountID
	if view, looks := s.Viewing(); looks {
		only = view.Account
	}
	list, err := s.Tx.RequestsOf(s.User.ID, only, in.Environment, in.Request, in.Cursor, in.Size()+1)
	return requestPage(list, in.Size()), err
}

// withdraw takes back what the caller asked for, or ends what was approved.
func (f *feature) withdraw(s *dispatch.Scope, in *ops.AccessWithdrawInput) (v ops.AccessRequestView, err error) {
	list, err := s.Tx.RequestsOf(s.User.ID, "", "", in.Request, "", 1)
	if err != nil {
		return v, err
	}
	if len(list) == 0 {
		return v, holm.ErrNotFound()
	}
	r := list[0]
	s.LogIn(r.Account)
	s.About(r.EnvironmentName)
	s.Note("environment", r.EnvironmentName)
	s.Note("asked", r.What())
	if r.Status != holm.RequestOpen && (r.Status != holm.RequestApproved || !s.Now().Before(r.Until)) {
		return v, holm.Errorf(holm.CodeConflict, "This request is over (%s); there is nothing to take back.", r.Status)
	}
	s.Note("was_status", r.Status)
	s.Note("status", holm.RequestWithdrawn)
	if err := s.Tx.AnswerRequest(r.ID, holm.RequestWithdrawn, "", time.Time{}, s.User.ID); err != nil {
		return v, err
	}
	s.AccessChanged(s.User.ID)
	s.CollaboratorsChanged(r.Account)
	if list, err = s.Tx.RequestsOf(s.User.ID, "", "", r.ID, "", 1); err != nil || len(list) == 0 {
		return v, err
	}
	return requestView(list[0]), nil
}

// endRequests ends for good what a collaborator has on request: in one
// environment, or in all with "", and with glass only what they gave
// themselves. The caller cuts what is open.
func endRequests(s *dispatch.Scope, c holm.Collaborator, e holm.EnvironmentID, glass bool, answer string) error {
	list, err := s.Tx.EndRequests(c.ID, e, glass, answer, s.User.ID)
	for _, r := range list {
		s.NoteChange("on request", r.EnvironmentName, r.What()+" until "+holm.UntilWords(r.Until), "ended")
	}
	return err
}

func (f *feature) answer(s *dispatch.Scope, in *ops.AccessAnswerInput) (v ops.AccessRequestView, err error) {
	r, err := s.Tx.Request(s.Account.ID, in.Request)
	if err != nil {
		return v, err
	}
	s.About(r.Email)
	s.Note("environment", r.EnvironmentName)
	s.Note("asked", r.What())
	if r.Status != holm.RequestOpen && (r.Status != holm.RequestApproved || !s.Now().Before(r.Until)) {
		return v, holm.Errorf(holm.CodeConflict, "This request is over (%s); %s can ask again.", r.Status, r.Email)
	}
	if err := holm.CheckLine("answer", in.Body.Answer, 500); err != nil {
		return v, err
	}
	status, until := holm.RequestRefused, time.Time{}
	if in.Body.Approve {
		length := r.For
		if in.Body.Minutes != 0 {
			length = time.Duration(in.Body.Minutes) * time.Minute
		}
		if length < holm.RequestShortest || length > holm.RequestLongest {
			return v, holm.Invalid("minutes", "Approve for 1 to %d minutes.", int(holm.RequestLongest/time.Minute))
		}
		status, until = holm.RequestApproved, s.Now().Add(length)
	}
	if err := s.Tx.AnswerRequest(r.ID, status, in.Body.Answer, until, s.User.ID); err != nil {
		return v, err
	}
	r.Until, r.Reason = until, in.Body.Answer
	l := requestLetter(s, holm.LetterAccessAnswered, r, r.Email, "")
	l.Path = "/environments/" + r.EnvironmentName
	s.Write(l)
	s.AccessChanged(r.User)
	s.CollaboratorsChanged(s.Account.ID)
	if r, err = s.Tx.Request(s.Account.ID, r.ID); err != nil {
		return v, err
	}
	return requestView(r), nil
}
