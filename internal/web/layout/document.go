package layout

import (
	"github.com/a-h/templ"

	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/static"
)

// htmxConfig keeps htmx to the two extensions we ship, and keeps a live
// refresh away from what the person is in the middle of.
const htmxConfig = `{"extensions":"hx-csp,sse","includeIndicatorCSS":false,"history":"reload","sse":{"reconnectMaxDelay":5000},` +
	`"morphSkip":"dialog[open],form[data-changes]","morphIgnore":["data-htmx-powered","open","data-changes"]}`

const htmxFolder = "lib/htmx.org-4.0.1/"

// scripts run on every page, in this order.
var scripts = []string{
	htmxFolder + "htmx.min.js",
	htmxFolder + "hx-csp.min.js",
	htmxFolder + "hx-sse.min.js",
	static.Script,
}

var themeChoices = []struct {
	theme Theme
	label string
	icon  part.Icon
}{
	{System, "Like the system", part.IconSystem},
	{Light, "Light", part.IconLight},
	{Dark, "Dark", part.IconDark},
}

func themeAttribute(theme Theme) templ.Attributes {
	if theme == System {
		return nil
	}
	return templ.Attributes{"data-theme": string(theme)}
}
