package part

// State is what something is doing, as a word people read: an environment's
// state, a collaboration's status, a deployment's outcome.
type State string

// face is how a state looks. The shape differs as well as the colour, so that
// nobody needs to tell green from red.
type face struct {
	tone   Tone
	shape  string
	moving bool // something is going on and will end by itself
}

var faces = map[State]face{
	"running":      {Good, "disc", false},
	"active":       {Good, "disc", false},
	"healthy":      {Good, "disc", false},
	"online":       {Good, "disc", false},
	"succeeded":    {Good, "check", false},
	"verified":     {Good, "check", false},
	"stopped":      {Idle, "square", false},
	"suspended":    {Warn, "bars", false},
	"paused":       {Warn, "bars", false},
	"pending":      {Warn, "ring", false},
	"queued":       {Idle, "ring", false},
	"offline":      {Idle, "ring", false},
	"creating":     {Warn, "plus", true},
	"starting":     {Warn, "right", true},
	"stopping":     {Warn, "half", true},
	"restarting":   {Warn, "turn", true},
	"updating":     {Warn, "up", true},
	"deploying":    {Warn, "up", true},
	"cloning":      {Warn, "pair", true},
	"transferring": {Warn, "arrow", true},
	"deleting":     {Bad, "minus", true},
	"broken":       {Bad, "triangle", false},
	"failed":       {Bad, "cross", false},
	"refused":      {Bad, "barred", false},
	"expired":      {Idle, "cross", false},
	"declined":     {Idle, "cross", false},
	"removed":      {Idle, "minus", false},
	"left":         {Idle, "minus", false},
	"ended":        {Idle, "minus", false},
}

// States lists the words that have a face, for the page that shows them all.
var States = []State{
	"running", "stopped", "creating", "starting", "stopping", "restarting", "updating",
	"deploying", "cloning", "transferring", "deleting", "broken", "active", "pending",
	"suspended", "expired", "left", "removed", "queued", "succeeded", "failed", "refused",
}

// shapes are drawn in a square of 12. A leading "!" marks an outline.
var shapes = map[string]string{
	"disc":     "M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
	"ring":     "!M6 2.25a3.75 3.75 0 1 0 0 7.5 3.75 3.75 0 0 0 0-7.5z",
	"dashed":   "!M3.2 3.6A3.75 3.75 0 0 1 5 2.4M7 2.4a3.75 3.75 0 0 1 1.8 1.2M9.6 6.6a3.75 3.75 0 0 1-1.2 2M5.4 9.7a3.75 3.75 0 0 1-2.6-2",
	"square":   "M3.5 2h5A1.5 1.5 0 0 1 10 3.5v5A1.5 1.5 0 0 1 8.5 10h-5A1.5 1.5 0 0 1 2 8.5v-5A1.5 1.5 0 0 1 3.5 2z",
	"bars":     "M2.5 2h2.5v8H2.5zM7 2h2.5v8H7z",
	"plus":     "!M6 2v8M2 6h8",
	"minus":    "!M2 6h8",
	"right":    "M3 1.7 10.2 6 3 10.3z",
	"half":     "M6 1.5v9a4.5 4.5 0 0 1 0-9zM7 1.61a4.5 4.5 0 0 1 0 8.78v-1.5a3 3 0 0 0 0-5.78z",
	"turn":     "!M9.7 6A3.7 3.7 0 1 1 8.4 3.2M8.7 1v2.5H6.2",
	"up":       "!M6 10V2.5M2.8 5.5 6 2.3l3.2 3.2",
	"pair":     "M1.5 4.5h5v6h-5zM5 1.5h5.5v6H7.5v-4H5z",
	"arrow":    "!M1.5 6h8.5M6.8 2.8 10 6 6.8 9.2",
	"triangle": "M6 1 11.5 10.5H.5z",
	"cross":    "!M2.5 2.5l7 7M9.5 2.5l-7 7",
	"check":    "!M1.8 6.4 4.8 9.2 10.2 3",
	"barred":   "!M6 1.9a4.1 4.1 0 1 0 0 8.2 4.1 4.1 0 0 0 0-8.2zM3.2 3.2l5.6 5.6",
}

func (s State) face() face {
	if f, ok := faces[s]; ok {
		return f
	}
	return face{tone: Idle, shape: "dashed"}
}

// Tone is the colour that goes with the state.
func (s State) Tone() Tone { return s.face().tone }

// Moving says whether the state will end by itself.
func (s State) Moving() bool { return s.face().moving }
