package layout

import (
	"net/http"
	"net/url"
	"strings"
)

// Theme is the saved choice between light and dark. Empty follows the system.
type Theme string

// The choices.
const (
	System Theme = ""
	Light  Theme = "light"
	Dark   Theme = "dark"
)

// themeCookie is readable by the script, which sets it without a round trip.
const themeCookie = "theme"

// ThemeOf reads the choice of whoever asks.
func ThemeOf(r *http.Request) Theme {
	cookie, err := r.Cookie(themeCookie)
	if err != nil {
		return System
	}
	return themeFrom(cookie.Value)
}

func themeFrom(value string) Theme {
	if theme := Theme(value); theme == Light || theme == Dark {
		return theme
	}
	return System
}

// ServeTheme saves the choice posted as "theme" and leads back to where the
// person was. The script does the same without it.
func ServeTheme(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name:     themeCookie,
		Value:    string(themeFrom(r.PostFormValue("theme"))),
		Path:     "/",
		MaxAge:   365 * 24 * 60 * 60,
		SameSite: http.SameSiteLaxMode,
		Secure:   r.TLS != nil,
	})
	http.Redirect(w, r, backPath(r), http.StatusSeeOther)
}

// backPath is the page the person came from, and never another site's.
func backPath(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || !strings.HasPrefix(from.Path, "/") || strings.HasPrefix(from.Path, "//") {
		return "/"
	}
	return from.RequestURI()
}
