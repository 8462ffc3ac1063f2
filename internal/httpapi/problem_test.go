package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/holmhq/holm"
)

func TestEveryCodeHasOneAnswer(t *testing.T) {
	want := map[holm.Code]int{
		holm.CodeInvalid: 422, holm.CodeUnauthorized: 401, holm.CodeForbidden: 403, holm.CodeNotFound: 404, holm.CodeConflict: 409,
		holm.CodeGone: 410, holm.CodeQuota: 409, holm.CodeTooMany: 429, holm.CodeUnavailable: 503, holm.CodeInternal: 500,
	}
	if len(want) != len(holm.Codes) || len(answers) != len(holm.Codes) {
		t.Fatalf("%d codes, %d answers, %d in this test", len(holm.Codes), len(answers), len(want))
	}
	for _, code := range holm.Codes {
		w := httptest.NewRecorder()
		writeError(w, fmt.Errorf("around: %w", holm.Wrap(code, errors.New("for operators only"), "A sentence.")))
		var p map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != want[code] || p["status"] != float64(want[code]) {
			t.Errorf("%s is answered %d, wanted %d", code, w.Code, want[code])
		}
		if p["code"] != string(code) || p["detail"] != "A sentence." || p["title"] == "" || p["type"] != "/docs#error-"+string(code) {
			t.Errorf("%s: %s", code, w.Body)
		}
		if strings.Contains(w.Body.String(), "operators") {
			t.Errorf("%s tells its cause: %s", code, w.Body)
		}
		if got := w.Header().Get("WWW-Authenticate") != ""; got != (code == holm.CodeUnauthorized) {
			t.Errorf("%s: WWW-Authenticate is %v", code, got)
		}
		if got := w.Header().Get("Retry-After") != ""; got != (code == holm.CodeTooMany || code == holm.CodeUnavailable) {
			t.Errorf("%s: Retry-After is %v", code, got)
		}
	}
}

func TestForeignErrorsGiveNothingAway(t *testing.T) {
	w := httptest.NewRecorder()
	writeError(w, errors.New("dial tcp 10.0.0.7: password=hunter2"))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "hunter2") {
		t.Fatal(w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	writeError(w, &holm.Error{Code: "new", Detail: "a code nobody thought of"})
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"code":"internal"`) {
		t.Fatal(w.Code, w.Body)
	}
}

func TestRefusalsNameWhatIsMissing(t *testing.T) {
	w := httptest.NewRecorder()
	writeError(w, &holm.Error{Code: holm.CodeForbidden, Detail: "No.", Permission: "environment.delete", Reason: "Only the owner."})
	for _, part := range []string{`"permission":"environment.delete"`, `"reason":"Only the owner."`, `"grantable_by":""`} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("%s is missing in %s", part, w.Body)
		}
	}
}
