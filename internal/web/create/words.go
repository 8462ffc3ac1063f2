package create

import "github.com/holmhq/holm"

// roleWords say what a layer of each role is.
var roleWords = map[holm.LayerRole][2]string{
	holm.LayerBalancer: {"Balancer", "Takes requests and spreads them over the app nodes."},
	holm.LayerApp:      {"App", "Runs your code."},
	holm.LayerCustom:   {"Custom", "Runs an image of yours."},
	holm.LayerCache:    {"Cache", "Keeps in memory what is asked for often."},
	holm.LayerDatabase: {"Database", "Keeps your data."},
	holm.LayerStorage:  {"Storage", "Keeps files that several nodes share."},
}

func roleTitle(role string) string { return roleWords[holm.LayerRole(role)][0] }

func roleLead(role string) string { return roleWords[holm.LayerRole(role)][1] }

// ownerLabel is whose quota it counts on.
func (p *page) ownerLabel() string {
	for _, a := range p.accounts {
		if a.id == p.form.account && a.id != p.accounts[0].id {
			return a.label
		}
	}
	return "your account"
}
