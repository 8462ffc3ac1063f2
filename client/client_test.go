package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// seen is a request as the fake server took it.
type seen struct {
	method, path, query, body string
	header                    http.Header
}

// fake is a server that keeps the last request and answers the same always.
func fake(t *testing.T, status int, kind, answer string) (*Client, *seen) {
	t.Helper()
	var got seen
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body), r.Header}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return New(s.URL+"/", "tok", WithVersion("1.2.3"), WithRoad(holm.RoadCommandLine)), &got
}

func TestCallBuildsTheRequestFromTheTags(t *testing.T) {
	c, got := fake(t, 200, "application/json", `{"id":"env_1","name":"shop","unknown":1}`)
	in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "ana@example.org"}}
	in.Body.Name = "shop"
	in.Body.Layers = []ops.LayerInput{{Role: "app", Stack: "static", Nodes: 2}}
	out, err := Call(context.Background(), c, ops.EnvironmentCreate, in)
	if err != nil || out.ID != "env_1" || out.Name != "shop" {
		t.Fatalf("got %+v, %v", out, err)
	}
	want := seen{method: "POST", path: "/v1/accounts/ana@example.org/environments",
		body: `{"name":"shop","layers":[{"role":"app","stack":"static","nodes":2}]}`}
	if got.method != want.method || got.path != want.path || got.body != want.body {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	for name, value := range map[string]string{"Authorization": "Bearer tok", "User-Agent": "holm/1.2.3", "Holm-Road": "cli", "Content-Type": "application/json"} {
		if got.header.Get(name) != value {
			t.Errorf("header %s is %q, want %q", name, got.header.Get(name), value)
		}
	}
}

func TestQueryAndPathAreEscapedAndZeroIsLeftOut(t *testing.T) {
	c, got := fake(t, 200, "application/json", `{"items":[],"next":null}`)
	in := ops.EnvironmentListInput{Owner: "bob+x@example.org", Name: "a&b=c", Paging: ops.Paging{Limit: 5}}
	if _, err := c.Do(context.Background(), ops.EnvironmentList.Operation, &in); err != nil {
		t.Fatal(err)
	}
	if got.query != "limit=5&name=a%26b%3Dc&owner=bob%2Bx%40example.org" || got.body != "" {
		t.Errorf("asked %+v", got)
	}
	show := ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "a/../b?c#d"}}
	if _, err := c.Do(context.Background(), ops.EnvironmentShow.Operation, show); err != nil {
		t.Fatal(err)
	}
	if got.path != "/v1/environments/a%2F..%2Fb%3Fc%23d" {
		t.Errorf("asked for %s", got.path)
	}
	for _, name := range []string{"", ".", ".."} {
		show.Environment = name
		if _, err := c.Do(context.Background(), ops.EnvironmentShow.Operation, show); err == nil {
			t.Errorf("the environment %q was asked for", name)
		}
	}
}

func TestSecretsLeaveInTheOpenOnlyInRequests(t *testing.T) {
	c, got := fake(t, 200, "application/json", `{}`)
	in := ops.InvitationAcceptInput{Token: holm.NewSecret("t/k n")}
	in.Body.Password = holm.NewSecret(`"pass"word`)
	if _, err := Call(context.Background(), c, ops.InvitationAccept, in); err != nil {
		t.Fatal(err)
	}
	if got.path != "/v1/invitations/t%2Fk%20n/accept" || got.body != `{"password":"\"pass\"word"}` {
		t.Errorf("asked %+v", got)
	}
	in.Body.Password = holm.Secret{}
	if _, err := Call(context.Background(), c, ops.InvitationAccept, in); err != nil || got.body != `{}` {
		t.Errorf("an empty secret was sent: %s, %v", got.body, err)
	}
	dead := New("http://127.0.0.1:1", "tok")
	_, err := Call(context.Background(), dead, ops.InvitationAccept, in)
	if holm.CodeOf(err) != holm.CodeUnavailable || strings.Contains(err.Error(), "t%2Fk") {
		t.Errorf("got %v", err)
	}
}

// TestEncodeIsLikeTheStandardEncoder compares both on every input type of the
// catalogue that holds no secret, empty and filled.
func TestEncodeIsLikeTheStandardEncoder(t *testing.T) {
	end := time.Date(2030, 1, 2, 3, 4, 5, 600, time.FixedZone("", 7200))
	in := ops.CollaboratorInviteInput{}
	in.Body.Email = "a<b>&\u2028@example.org"
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "full", Until: &end}, {}}
	type pair struct{ value, like any }
	var pairs []pair
	for _, v := range []any{in.Body, &in.Body, holm.Limits{}, map[string]any{"b": 1, "a": []string{"x"}, "n": nil}, []byte("raw"), 1.5, "é\x01", ops.EnvironmentView{}.CreatedAt} {
		pairs = append(pairs, pair{v, v})
	}
	for _, op := range ops.All() {
		if op.Built && op.Output != nil && op.Output.Kind() == reflect.Struct {
			// Lists that are not there are empty for us, null for the standard encoder.
			like := reflect.New(op.Output)
			emptyLists(like.Elem())
			pairs = append(pairs, pair{reflect.New(op.Output).Interface(), like.Interface()})
		}
	}
	for _, p := range pairs {
		want, _ := json.Marshal(p.like)
		if got, err := encodeBody(reflect.ValueOf(p.value)); string(got) != string(want) || err != nil {
			t.Errorf("%T: got %s, want %s (%v)", p.value, got, want, err)
		}
	}
}

// emptyLists makes every list and map that is nil an empty one.
func emptyLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				emptyLists(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	}
}

func TestProblemsBecomeErrors(t *testing.T) {
	const problemJSON = "application/problem+json; charset=utf-8"
	for _, c := range []struct {
		name, kind, body string
		status           int
		want             holm.Error
	}{
		{"refusal", problemJSON, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"You may not delete shop.","code":"forbidden","permission":"environment.delete","reason":"Your access is full.","grantable_by":"ana@example.org"}`, 403,
			holm.Error{Code: holm.CodeForbidden, Detail: "You may not delete shop.", Permission: "environment.delete", Reason: "Your access is full.", GrantableBy: "ana@example.org"}},
		{"fields by name", problemJSON, `{"detail":"Bad.","code":"invalid","errors":[{"name":"email","reason":"No."}]}`, 422,
			holm.Error{Code: holm.CodeInvalid, Detail: "Bad.", Fields: []holm.Field{{Name: "email", Reason: "No."}}}},
		{"fields by place", problemJSON, `{"title":"Unprocessable","errors":[{"location":"body.layers[0].role","message":"expected string"}]}`, 422,
			holm.Error{Code: holm.CodeInvalid, Detail: "Unprocessable", Fields: []holm.Field{{Name: "layers[0].role", Reason: "expected string"}}}},
		{"quota", problemJSON, `{"detail":"Full.","code":"quota"}`, 403, holm.Error{Code: holm.CodeQuota, Detail: "Full."}},
		{"unknown code", problemJSON, `{"detail":"Odd.","code":"odd"}`, 409, holm.Error{Code: holm.CodeConflict, Detail: "Odd."}},
	} {
		client, _ := fake(t, c.status, c.kind, c.body)
		_, err := client.Do(context.Background(), ops.UserShow.Operation, ops.UserShowInput{})
		var got *holm.Error
		if !errors.As(err, &got) || !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestForeignAnswersAreTold(t *testing.T) {
	for _, c := range []struct {
		status     int
		kind, body string
		code       holm.Code
	}{
		{502, "text/html", "<h1>Bad gateway</h1>", holm.CodeUnavailable},
		{404, "text/plain", "404", holm.CodeNotFound},
		{418, "text/plain", "", holm.CodeInternal},
		{200, "text/html", "<html>", holm.CodeUnavailable},
		{308, "text/plain", "", holm.CodeInternal},
	} {
		client, _ := fake(t, c.status, c.kind, c.body)
		if _, err := client.Do(context.Background(), ops.UserShow.Operation, ops.UserShowInput{}); holm.CodeOf(err) != c.code {
			t.Errorf("%d: got %v", c.status, err)
		}
	}
	for _, base := range []string{"", "holm.example.org", "ftp://holm.example.org", "http://", "::"} {
		if _, err := New(base, "").Do(context.Background(), ops.UserShow.Operation, ops.UserShowInput{}); holm.CodeOf(err) != holm.CodeInvalid {
			t.Errorf("%q: got %v", base, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	s := httptest.NewServer(http.RedirectHandler("https://other.example.org/", http.StatusPermanentRedirect))
	defer s.Close()
	_, err := New(s.URL, "tok").Do(context.Background(), ops.UserShow.Operation, ops.UserShowInput{})
	if holm.CodeOf(err) != holm.CodeUnavailable || !strings.Contains(err.Error(), "other.example.org") {
		t.Errorf("got %v", err)
	}
}

func TestInterruptedAndSlow(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(s.URL, "").Do(ctx, ops.UserShow.Operation, ops.UserShowInput{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	_, err := New(s.URL, "", WithTimeout(time.Millisecond)).Do(context.Background(), ops.UserShow.Operation, ops.UserShowInput{})
	if !errors.Is(err, context.DeadlineExceeded) || holm.CodeOf(err) != holm.CodeUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestAllTurnsPages(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cursor := r.URL.Query().Get("cursor")
		asked = append(asked, cursor)
		io.WriteString(w, map[string]string{
			"":  `{"items":[{"name":"a"},{"name":"b"}],"next":"2"}`,
			"2": `{"items":[{"name":"c"}],"next":"3"}`,
			"3": `{"items":[],"next":"3"}`, // a server that never ends
		}[cursor])
	}))
	defer s.Close()
	var names string
	for e, err := range All(context.Background(), New(s.URL, ""), ops.EnvironmentList, ops.EnvironmentListInput{}) {
		if err != nil {
			t.Fatal(err)
		}
		names += e.Name
	}
	if names != "abc" || len(asked) != 3 {
		t.Errorf("got %q after asking %q", names, asked)
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	c, _ := fake(t, 200, "application/json", `{}`)
	for _, err := range []error{
		second(c.Do(context.Background(), ops.Lookup("node.files"), nil)),
		second(c.Do(context.Background(), ops.Lookup("ssh_key.list"), nil)),
		second(c.Do(context.Background(), ops.UserShow.Operation, nil)),
		second(c.Do(context.Background(), ops.UserShow.Operation, ops.SessionListInput{})),
		second(c.Do(context.Background(), ops.EnvironmentEvents.Operation, ops.EnvironmentEventsInput{})),
	} {
		if holm.CodeOf(err) != holm.CodeInvalid {
			t.Errorf("got %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
