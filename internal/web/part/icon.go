package part

// Icon names a drawing. An icon never stands alone: a word is beside it, or
// is read out in its place.
type Icon string

// The icons.
const (
	IconEnvironments Icon = "environments"
	IconPeople       Icon = "people"
	IconInbox        Icon = "inbox"
	IconArchive      Icon = "archive"
	IconLog          Icon = "log"
	IconPerson       Icon = "person"
	IconOperator     Icon = "operator"
	IconSearch       Icon = "search"
	IconPlus         Icon = "plus"
	IconMinus        Icon = "minus"
	IconClose        Icon = "close"
	IconCheck        Icon = "check"
	IconRight        Icon = "right"
	IconDown         Icon = "down"
	IconUp           Icon = "up"
	IconArrow        Icon = "arrow"
	IconMore         Icon = "more"
	IconRestart      Icon = "restart"
	IconStart        Icon = "start"
	IconStop         Icon = "stop"
	IconDeploy       Icon = "deploy"
	IconDownload     Icon = "download"
	IconClone        Icon = "clone"
	IconDelete       Icon = "delete"
	IconCopy         Icon = "copy"
	IconExternal     Icon = "external"
	IconKey          Icon = "key"
	IconTerminal     Icon = "terminal"
	IconFile         Icon = "file"
	IconFolder       Icon = "folder"
	IconChart        Icon = "chart"
	IconBell         Icon = "bell"
	IconGlobe        Icon = "globe"
	IconLock         Icon = "lock"
	IconShare        Icon = "share"
	IconLight        Icon = "light"
	IconDark         Icon = "dark"
	IconSystem       Icon = "system"
	IconSignOut      Icon = "sign-out"
	IconInfo         Icon = "info"
	IconWarn         Icon = "warn"
	IconHelp         Icon = "help"
	IconBalancer     Icon = "balancer"
	IconApp          Icon = "app"
	IconDatabase     Icon = "database"
	IconCache        Icon = "cache"
	IconStorage      Icon = "storage"
	IconCustom       Icon = "custom"
	IconFilter       Icon = "filter"
	IconClock        Icon = "clock"
	IconEdit         Icon = "edit"
	IconBranch       Icon = "branch"
	IconMail         Icon = "mail"
	IconShield       Icon = "shield"
	IconScale        Icon = "scale"
	IconEye          Icon = "eye"
	IconBack         Icon = "back"
)

// drawings are lines in a square of 16, one path each, drawn for Holm.
var drawings = map[Icon]string{
	IconEnvironments: "M2 5.2 8 2.2l6 3-6 3zM2 8.2l6 3 6-3M2 11.2l6 3 6-3",
	IconPeople:       "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c.3-2.6 2-4 4.5-4s4.2 1.4 4.5 4M10.7 2.9a2.4 2.4 0 0 1 0 4.3M12 9.9c1.5.5 2.3 1.7 2.5 3.6",
	IconInbox:        "M2 9.5 4.2 3h7.6L14 9.5v3.5H2zM2 9.5h3.5l1 1.8h3l1-1.8H14",
	IconArchive:      "M2 3h12v3H2zM3 6v7h10V6M6.5 8.7h3",
	IconLog:          "M3.5 2h9v12h-9zM6 5.2h4M6 8h4M6 10.8h2.5",
	IconPerson:       "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 14c.4-2.7 2.3-4.2 5.2-4.2s4.8 1.5 5.2 4.2",
	IconOperator:     "M2 4.5h6.5M11.5 4.5H14M2 11.5h2.5M7.5 11.5H14M10 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM6 13a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z",
	IconSearch:       "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
	IconPlus:         "M8 3v10M3 8h10",
	IconMinus:        "M3 8h10",
	IconClose:        "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
	IconCheck:        "M2.8 8.5 6.3 12l7-8",
	IconRight:        "M6 3.5 10.5 8 6 12.5",
	IconDown:         "M3.5 6 8 10.5 12.5 6",
	IconUp:           "M3.5 10 8 5.5l4.5 4.5",
	IconArrow:        "M2.5 8h11M9.5 4l4 4-4 4",
	IconBack:         "M13.5 8h-11M6.5 4l-4 4 4 4",
	IconMore:         "M2.4 8a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0zM7.2 8a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0zM12 8a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0z",
	IconRestart:      "M13.3 8a5.3 5.3 0 1 1-1.7-3.9M12 1.5v3H9",
	IconStart:        "M4.5 2.8 13 8l-8.5 5.2z",
	IconStop:         "M3.8 3.8h8.4v8.4H3.8z",
	IconDeploy:       "M8 11V2.5M4.5 6 8 2.5 11.5 6M2.5 11v2.5h11V11",
	IconDownload:     "M8 2.5V11M4.5 7.5 8 11l3.5-3.5M2.5 11v2.5h11V11",
	IconClone:        "M2.5 2.5h7v7h-7zM6.5 11.5v2h7v-7h-2",
	IconDelete:       "M2.5 4.2h11M6 4.2V2.5h4v1.7M4 4.2l.6 9.3h6.8l.6-9.3M6.6 7v3.8M9.4 7v3.8",
	IconCopy:         "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
	IconExternal:     "M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
	IconKey:          "M5.2 13.5a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8zM7.3 8.6l6-6M10.5 5.4l2 2",
	IconTerminal:     "M1.8 3h12.4v10H1.8zM4.3 6l2 2-2 2M8 10.3h3.5",
	IconFile:         "M4 2h5.5L12.5 5v9H4zM9.3 2v3.3h3.2",
	IconFolder:       "M2 3.5h4.2l1.5 2H14v7.5H2z",
	IconChart:        "M2 2.5v11h12M4.5 10.5l3-3.5 2.5 2 4-5",
	IconBell:         "M8 2a4 4 0 0 0-4 4c0 3.5-1.5 4.5-1.5 5.5h11C13.5 10.5 12 9.5 12 6a4 4 0 0 0-4-4zM6.5 13.8h3",
	IconGlobe:        "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM2 8h12M8 2c-4.5 4-4.5 8 0 12M8 2c4.5 4 4.5 8 0 12",
	IconLock:         "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
	IconShare:        "M4 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 5.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 14.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5.8 7.1l4.4-2.6M5.8 8.9l4.4 2.6",
	IconLight:        "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
	IconDark:         "M13.5 9.7A6 6 0 0 1 6.3 2.5a5.8 5.8 0 1 0 7.2 7.2z",
	IconSystem:       "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5",
	IconSignOut:      "M6.5 2.5h-4v11h4M6.5 8h7.5M11 5l3 3-3 3",
	IconInfo:         "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3v3.7M8 5h.1",
	IconWarn:         "M8 2 14.5 13.5h-13zM8 6.3v3.2M8 11.5h.1",
	IconHelp:         "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.3C6.3 5.2 7 4.6 8 4.6s1.8.6 1.8 1.6c0 1.4-1.8 1.4-1.8 2.8M8 11.2h.1",
	IconBalancer:     "M1.5 8H6M6 8l4-4.5h4.5M6 8l4 4.5h4.5M6 8h8.5",
	IconApp:          "M2 3h12v10H2zM2 6h12M4 4.5h.1M6 4.5h.1",
	IconDatabase:     "M8 6.5c3 0 5-.9 5-2.2S11 2 8 2 3 3 3 4.3s2 2.2 5 2.2zM3 4.3v7.4C3 13 5 14 8 14s5-1 5-2.3V4.3M3 8c0 1.3 2 2.2 5 2.2S13 9.3 13 8",
	IconCache:        "M9 1.5 3 9h4.5L7 14.5 13 7H8.5z",
	IconStorage:      "M2 3h12v4.5H2zM2 8.5h12V13H2zM4.5 5.3h.1M4.5 10.8h.1",
	IconCustom:       "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6",
	IconFilter:       "M2 4h12M4.5 8h7M6.5 12h3",
	IconClock:        "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.3 1.5",
	IconEdit:         "M10.5 3 13 5.5 5.5 13H3v-2.5z",
	IconBranch:       "M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 5.5v5M11.5 6.5c0 2.5-4 2-6.5 4.2",
	IconMail:         "M2 3.5h12v9H2zM2 4.2 8 9l6-4.8",
	IconShield:       "M8 1.8 13 3.5v4c0 3.2-2 5.5-5 6.7-3-1.2-5-3.5-5-6.7v-4z",
	IconScale:        "M2.5 9.5v4h4M13.5 6.5v-4h-4M2.5 13.5 7 9M13.5 2.5 9 7",
	IconEye:          "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
}

// Icons lists every icon that has a drawing, for the page that shows them all.
func Icons() []Icon {
	icons := make([]Icon, 0, len(drawings))
	for icon := range drawings {
		icons = append(icons, icon)
	}
	return icons
}

// RoleIcon is the drawing for a layer's role.
func RoleIcon(role string) Icon {
	if _, ok := drawings[Icon(role)]; ok {
		return Icon(role)
	}
	return IconCustom
}
