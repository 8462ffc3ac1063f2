package notify

import "github.com/holmhq/holm"

// moreSamples are samples of whole environments that change hands and of
// their passwords.
func moreSamples(add func(string, holm.LetterKind, func(*holm.Letter)), toOwner, dashboard func(*holm.Letter)) {
	add("node_password_first", holm.LetterNodePassword, func(l *holm.Letter) {
		l.Server, l.Layer, l.Login, l.Hosts, l.Password, l.First, l.Actor, l.ActorName = "PostgreSQL", "database", "postgres", []string{"node7"}, holm.NewSecret("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), true, "", ""
	})
	add("node_password", holm.LetterNodePassword, func(l *holm.Letter) {
		l.Server, l.Layer, l.Login, l.Hosts, l.Password = "PostgreSQL", "database", "postgres", []string{"node12", "node13"}, holm.NewSecret("K7QWERTZUIOPASDFGHJKLYXCVB")
	})
	add("collaborator_left_knowing", holm.LetterLeft, func(l *holm.Letter) {
		toOwner(l)
		l.What, l.Path = "3 secrets", "/collaborators/col_1/credentials"
	})
	add("nodes_removed", holm.LetterNodesRemoved, func(l *holm.Letter) {
		toOwner(l)
		l.What, l.Server, l.Path = "the layer database with 2 nodes", "postgresql 15", "/environments/shop"
	})
	add("transfer_requested", holm.LetterTransferRequested, func(l *holm.Letter) { l.ToName, l.LinkUntil, l.Path = "", week, "/transfers/2Jx7Qm" })
	add("transfer_accepted", holm.LetterTransferAccepted, func(l *holm.Letter) { toOwner(l); l.Path = "/" })
	add("transfer_declined", holm.LetterTransferDeclined, func(l *holm.Letter) { toOwner(l); l.Path = "/environments/shop" })
	add("transfer_cancelled", holm.LetterTransferCancelled, dashboard)
	add("transfer_kept", holm.LetterTransferKept, func(l *holm.Letter) { l.Level = holm.LevelLimited })
	add("transfer_lost", holm.LetterTransferLost, func(l *holm.Letter) { dashboard(l); l.Level = holm.LevelFull })
}
