// Package web is the dashboard: every page in a folder of its own, put
// together here.
//
// Pages ask the door and nothing else; they must not know the store, features
// or drivers.
package web

import (
	"net/http"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/account"
	"github.com/holmhq/holm/internal/web/audit"
	"github.com/holmhq/holm/internal/web/collaborators"
	"github.com/holmhq/holm/internal/web/create"
	"github.com/holmhq/holm/internal/web/entry"
	"github.com/holmhq/holm/internal/web/environment"
	"github.com/holmhq/holm/internal/web/environments"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/levels"
	"github.com/holmhq/holm/internal/web/matrix"
	"github.com/holmhq/holm/internal/web/operator"
	"github.com/holmhq/holm/internal/web/requests"
	"github.com/holmhq/holm/internal/web/review"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/static"
	"github.com/holmhq/holm/internal/web/switcher"
	"github.com/holmhq/holm/internal/web/transfer"
)

// New gives the dashboard. Requests from other sites that would change
// something are refused.
func New(o site.Options) http.Handler {
	s := site.New(o)
	s.Raw("GET "+static.Prefix, static.Handler())
	s.Raw("POST "+layout.ThemePath, http.HandlerFunc(layout.ServeTheme))
	account.Mount(s)
	entry.Mount(s)
	switcher.Mount(s)
	operator.Mount(s)
	audit.Mount(s)
	collaborators.Mount(s)
	levels.Mount(s)
	environments.Mount(s)
	create.Mount(s)
	environment.Mount(s)
	matrix.Mount(s)
	requests.Mount(s)
	review.Mount(s)
	transfer.Mount(s)
	s.Open("GET /{$}", func(r *site.Request) error { return r.See("/environments") })
	s.Open("/", func(*site.Request) error {
		return holm.Errorf(holm.CodeNotFound, "No page has this address. It may have been written wrong, or the page it led to is gone.")
	})
	return http.NewCrossOriginProtection().Handler(layout.Policy(s))
}
