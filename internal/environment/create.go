package environment

import (
	"errors"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// defaultCloudlets is the limit of a node when none is given.
const defaultCloudlets = 2

func (f *feature) create(s *dispatch.Scope, in *ops.EnvironmentCreateInput) (none ops.EnvironmentView, err error) {
	s.About(in.Body.Name)
	if err := holm.CheckEnvironmentName(in.Body.Name); err != nil {
		return none, err
	}
	alias := strings.TrimSpace(in.Body.Alias)
	if err := holm.CheckLine("alias", alias, 100); err != nil {
		return none, err
	}
	limits := s.Account.Limits()
	layers, err := f.layers(in.Body.Layers, limits)
	if err != nil {
		return none, err
	}
	if err := f.room(s, limits); err != nil {
		return none, err
	}
	e, err := s.Tx.CreateEnvironment(holm.Environment{Account: s.Account.ID, Owner: s.Account.Owner, OwnerEmail: s.Account.OwnerEmail, Name: in.Body.Name,
		Alias: alias, State: holm.StateCreating, Wanted: holm.StateRunning, Creator: s.User.ID}, f.o.Subnets)
	if err != nil {
		return none, err
	}
	for i, l := range layers {
		l.Environment = e.ID
		if err := f.makeLayer(s, l, i); err != nil {
			return none, err
		}
	}
	s.Environment = e
	if err := f.greet(s, e); err != nil {
		return none, err
	}
	s.Changed(e)
	s.Wake(e.ID)
	return f.show(s)
}

func (f *feature) makeLayer(s *dispatch.Scope, p planned, position int) error {
	l, err := s.Tx.CreateLayer(p.Layer, position, p.count)
	if err != nil || f.o.LayerMade == nil {
		return err
	}
	return f.o.LayerMade(s, l)
}

// toOwner begins a mail to the owner about what the caller does in the scope's
// environment.
func toOwner(s *dispatch.Scope, kind holm.LetterKind, event string) holm.Letter {
	return holm.Letter{Kind: kind, Event: event, To: s.Account.OwnerEmail, ToName: s.Account.OwnerName,
		Actor: s.Caller.Email, ActorName: s.User.Name, Owner: s.Account.OwnerEmail, OwnerName: s.Account.OwnerName,
		Environment: s.Environment.Name, Alias: s.Environment.Alias, Path: "/environments/" + s.Environment.Name}
}

// greet gives an admin who creates for somebody else full access, and mails
// those concerned.
func (f *feature) greet(s *dispatch.Scope, e holm.Environment) error {
	l := toOwner(s, holm.LetterCreated, "environment-created:"+string(e.ID)+":owner")
	s.Write(l)
	if s.User.ID == s.Account.Owner {
		return nil
	}
	l.Event, l.To, l.ToName = "environment-created:"+string(e.ID)+":creator", s.User.Email, s.User.Name
	s.Write(l)
	c, err := s.Tx.CollaboratorOf(s.Account.ID, s.User.ID)
	if errors.Is(err, store.ErrNone) {
		return holm.ErrNotFound()
	}
	if err != nil {
		return err
	}
	s.AccessChanged(s.User.ID)
	s.CollaboratorsChanged(s.Account.ID)
	return s.Tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: holm.LevelFull}, s.User.ID)
}

// room says whether the account, whoever creates, may own one more.
func (f *feature) room(s *dispatch.Scope, limits holm.Limits) error {
	count, err := s.Tx.EnvironmentCount(s.Account.ID)
	if err != nil || count < limits.Environments {
		return err
	}
	return holm.Errorf(holm.CodeQuota, "%s may own %d environments and has %d; delete one, or ask the operator of this installation for more.",
		s.Account.OwnerEmail, limits.Environments, count)
}

// planned is a layer with the number of nodes it begins with.
type planned struct {
	holm.Layer
	count int
}

func (f *feature) layers(in []ops.LayerInput, limits holm.Limits) (list []planned, err error) {
	if len(in) == 0 {
		return nil, holm.Invalid("layers", "An environment needs at least one layer.")
	}
	total, balancers, apps, appLayers := 0, 0, 0, 0
	for _, l := range in {
		p, err := f.layer(l, limits)
		if err != nil {
			return nil, err
		}
		total += p.count
		switch p.Role {
		case holm.LayerBalancer:
			balancers++
		case holm.LayerApp:
			apps = max(apps, p.count)
			appLayers++
		}
		list = append(list, p)
	}
	if apps > 1 && balancers == 0 {
		p, err := f.layer(ops.LayerInput{Role: string(holm.LayerBalancer), Stack: "balancer", Cloudlets: 1}, limits)
		if err != nil {
			return nil, err
		}
		list, balancers, total = append(list, p), 1, total+1
	}
	if balancers > 1 {
		return nil, holm.Invalid("layers", "An environment has at most one balancer layer; give it more nodes instead.")
	}
	if appLayers > 1 {
		return nil, holm.Invalid("layers", "%s", oneApp)
	}
	if total > limits.NodesPerEnvironment {
		return nil, holm.Errorf(holm.CodeQuota, "That is %d nodes; this account may have %d in one environment.", total, limits.NodesPerEnvironment)
	}
	return list, nil
}

// layer checks one wanted layer against the stacks and limits.
func (f *feature) layer(in ops.LayerInput, limits holm.Limits) (p planned, err error) {
	p.count, p.Cloudlets = in.Nodes, in.Cloudlets
	if p.count == 0 {
		p.count = 1
	}
	if p.Cloudlets == 0 {
		p.Cloudlets = defaultCloudlets
	}
	if err := checkCount(p.count, limits); err != nil {
		return p, err
	}
	if err := checkCloudlets(p.Cloudlets, limits); err != nil {
		return p, err
	}
	stack, version, err := f.stack(in.Stack, in.Version)
	if err != nil {
		return p, err
	}
	if in.Role != "" && in.Role != stack.Role {
		return p, holm.Invalid("layers", "The stack %s is for a layer of role %s, not %s.", stack.Name, stack.Role, in.Role)
	}
	p.Role, p.Stack, p.Version = holm.LayerRole(stack.Role), stack.Name, version
	return p, nil
}

// stack finds a stack and a version of it that runs here.
func (f *feature) stack(name, version string) (ops.StackView, string, error) {
	for _, s := range f.o.Stacks() {
		if s.Name != name {
			continue
		}
		for _, v := range s.Versions {
			if version != "" && v.Version != version {
				continue
			}
			if v.Available {
				return s, v.Version, nil
			}
			return s, "", holm.Invalid("layers", "The stack %s %s cannot run here: %s", name, v.Version, v.Reason)
		}
		if s.AnyImage && holm.IsImageReference(version) {
			return s, version, nil
		}
		return s, "", holm.Invalid("layers", "The stack %s has no version %q.", name, version)
	}
	return ops.StackView{}, "", holm.Invalid("layers", "There is no stack %q; the list is at /v1/stacks.", name)
}

func checkCount(n int, limits holm.Limits) error {
	if n < 1 {
		return holm.Invalid("nodes", "A layer has at least 1 node.")
	}
	if n > limits.NodesPerLayer {
		return holm.Errorf(holm.CodeQuota, "%d nodes are more than the %d that this account may have in a layer.", n, limits.NodesPerLayer)
	}
	return nil
}

func checkCloudlets(n int, limits holm.Limits) error {
	if n < 1 {
		return holm.Invalid("cloudlets", "A node has at least 1 cloudlet.")
	}
	if n > limits.CloudletsPerNode {
		return holm.Errorf(holm.CodeQuota, "%d cloudlets are more than the %d that this account may give a node.", n, limits.CloudletsPerNode)
	}
	return nil
}
