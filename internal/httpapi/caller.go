package httpapi

import (
	"net/http"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// caller finds out who asks. Only the Authorization header is looked at: a
// cookie that a browser adds by itself is never proof here.
func (a *api) caller(r *http.Request, op *ops.Operation, address string) (dispatch.Caller, error) {
	c := dispatch.Caller{Road: holm.RoadAPI, Address: address, Device: dispatch.ShortDevice(r.UserAgent())}
	if r.Header.Get("Holm-Road") == string(holm.RoadCommandLine) {
		c.Road = holm.RoadCommandLine
	}
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		return c, nil // the door says what that is worth
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return c, holm.Errorf(holm.CodeUnauthorized, "Sign in with one header Authorization: Bearer and a token.")
	}
	known, err := a.door.Authenticate(r.Context(), strings.TrimSpace(token), c)
	if err != nil && holm.CodeOf(err) == holm.CodeUnauthorized && op == ops.SessionCreate.Operation {
		return c, nil // who signs in anew may still send the old token
	}
	return known, err
}
