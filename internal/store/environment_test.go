package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

func TestEnvironmentNames(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, ana := db.person(t, "ana@example.org")
		_, bob := db.person(t, "bob@example.org")
		create := func(a holm.Account, name string) holm.Code {
			return code(t, db, func(tx *store.Tx) error { _, err := tx.CreateEnvironment(environment(a, name), 1<<20); return err })
		}
		shop := db.environment(t, ana, "shop")
		is(t, "taken, also by another account", create(bob, "shop"), holm.CodeConflict)
		find := func(name string) (found holm.Environment) {
			absent(t, db, func(tx *store.Tx) (err error) { found, err = tx.Environment(name); return err })
			return found
		}
		is(t, "by name", find("shop").ID, shop.ID)
		is(t, "by id", find(string(shop.ID)), find("shop"))
		is(t, "own", code(t, db, func(tx *store.Tx) error { _, err := tx.OwnEnvironment(ana.ID, "shop"); return err }), "")
		is(t, "not own", code(t, db, func(tx *store.Tx) error { _, err := tx.OwnEnvironment(bob.ID, string(shop.ID)); return err }), holm.CodeNotFound)
		is(t, "alias of nothing", code(t, db, func(tx *store.Tx) error { return tx.SetAlias("env_x", "a") }), holm.CodeNotFound)

		db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(shop.ID) })
		is(t, "erased by name", find("shop").ID, "")
		is(t, "erased by id", find(string(shop.ID)).ID, "")
		is(t, "free again", create(bob, "shop"), "")
		db.Read(t, func(tx *store.Tx) error {
			mine, err := tx.EnvironmentCount(ana.ID)
			his, _ := tx.EnvironmentCount(bob.ID)
			all, _ := tx.AllEnvironmentCount()
			is(t, "counts", []int{mine, his, all}, []int{0, 1, 1})
			return err
		})
	})
}

func TestSubnetsAreUniqueAndUsedAgain(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		const subnets = 5
		_, ana := db.person(t, "ana@example.org")
		create := func(name string) (e holm.Environment, err error) {
			err = db.Store.Write(t.Context(), func(tx *store.Tx) (err error) {
				e, err = tx.CreateEnvironment(environment(ana, name), subnets)
				return err
			})
			return e, err
		}
		used := map[int]holm.Environment{}
		for i := range subnets {
			e, err := create(fmt.Sprint("e", i))
			if err != nil || e.Subnet < 0 || e.Subnet >= subnets || used[e.Subnet].ID != "" {
				t.Fatalf("subnet %d: %v, used %v", e.Subnet, err, used)
			}
			used[e.Subnet] = e
		}
		if _, err := create("full"); holm.CodeOf(err) != holm.CodeUnavailable {
			t.Errorf("a sixth of five: %v", err)
		}
		for _, n := range []int{0, 3, 4} {
			db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(used[n].ID) })
			e, err := create(fmt.Sprint("again", n))
			if err != nil || e.Subnet != n {
				t.Errorf("subnet %d instead of %d: %v", e.Subnet, n, err)
			}
			used[n] = e
		}
		for _, e := range used {
			db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(e.ID) })
		}
		if _, err := create("alone"); err != nil {
			t.Error(err)
		}
	})
}

// TestCreatedSideBySide: nobody gets the name or the network of another.
func TestCreatedSideBySide(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, ana := db.person(t, "ana@example.org")
		var mu sync.Mutex
		var all sync.WaitGroup
		subnets, conflicts := map[int]bool{}, 0
		for i := range 16 {
			all.Go(func() {
				var e holm.Environment
				err := db.Store.Write(t.Context(), func(tx *store.Tx) (err error) {
					e, err = tx.CreateEnvironment(environment(ana, fmt.Sprint("e", i/2)), 50)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && !subnets[e.Subnet]:
					subnets[e.Subnet] = true
				case holm.CodeOf(err) == holm.CodeConflict:
					conflicts++
				default:
					t.Errorf("environment %d, subnet %d: %v", i, e.Subnet, err)
				}
			})
		}
		all.Wait()
		is(t, "made and refused", []int{len(subnets), conflicts}, []int{8, 8})
	})
}

func TestWantedAndObserved(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, ana := db.person(t, "ana@example.org")
		shop, blog := db.environment(t, ana, "shop"), db.environment(t, ana, "blog")
		observe := func(generation, done int64, state holm.State, reason string) bool {
			return must(t, db, func(tx *store.Tx) (bool, error) { return tx.Observe(shop.ID, generation, done, state, reason) })
		}
		unfinished := func(all bool) (list []holm.EnvironmentID) {
			db.Read(t, func(tx *store.Tx) (err error) { list, err = tx.Unfinished(all); return err })
			slices.Sort(list)
			return list
		}
		now := func() holm.Environment {
			return must(t, db, func(tx *store.Tx) (holm.Environment, error) { return tx.Environment("shop") })
		}
		is(t, "new ones", unfinished(false), []holm.EnvironmentID{shop.ID, blog.ID})
		is(t, "reached", observe(1, 1, holm.StateRunning, ""), true)
		is(t, "one left", unfinished(false), []holm.EnvironmentID{blog.ID})
		is(t, "all", unfinished(true), []holm.EnvironmentID{shop.ID, blog.ID})

		db.Write(t, func(tx *store.Tx) error { return tx.Want(shop.ID, holm.StateStopped, holm.StateStopping) })
		is(t, "too late: something else is wanted", observe(1, 1, holm.StateRunning, "late"), false)
		e := now()
		is(t, "wanted", []any{e.Wanted, e.State, e.Reason, e.Generation}, []any{holm.StateStopped, holm.StateStopping, "", 2})
		is(t, "seen on the way", observe(2, 0, holm.StateBroken, "no room"), true)
		e = now()
		is(t, "broken", []any{e.State, e.Reason}, []any{holm.StateBroken, "no room"})
		is(t, "still to do", len(unfinished(false)), 2)
		is(t, "done", observe(2, 2, holm.StateStopped, ""), true)
		is(t, "an older mark takes nothing back", observe(2, 1, holm.StateStopped, ""), true)
		is(t, "finished", unfinished(false), []holm.EnvironmentID{blog.ID})
		db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(shop.ID) })
		is(t, "erased", observe(2, 2, holm.StateRunning, ""), false)
		is(t, "gone from all", unfinished(true), []holm.EnvironmentID{blog.ID})
	})
}

func TestLayersAndNodes(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, ana := db.person(t, "ana@example.org")
		shop, blog := db.environment(t, ana, "shop"), db.environment(t, ana, "blog")
		layer := func(role holm.LayerRole, position, nodes int) holm.Layer {
			return must(t, db, func(tx *store.Tx) (holm.Layer, error) {
				return tx.CreateLayer(holm.Layer{Environment: shop.ID, Role: role, Stack: "static", Version: "1", Cloudlets: 2}, position, nodes)
			})
		}
		app, balancer := layer(holm.LayerApp, 2, 3), layer(holm.LayerBalancer, 1, 1)
		numbers := func(l holm.Layer) (list [][2]int) {
			for _, n := range l.Nodes {
				list = append(list, [2]int{n.Ordinal, n.Slot})
			}
			return list
		}
		find := func(name string) holm.Layer {
			return must(t, db, func(tx *store.Tx) (holm.Layer, error) { return tx.Layer(shop.ID, name) })
		}
		is(t, "app", numbers(app), [][2]int{{1, 1}, {2, 2}, {3, 3}})
		is(t, "balancer", numbers(balancer), [][2]int{{1, 4}})
		is(t, "as kept", find("app"), app)

		db.Write(t, func(tx *store.Tx) error { return tx.RemoveNode(shop.ID, app.Nodes[1].ID) })
		db.Write(t, func(tx *store.Tx) error { return tx.RemoveNode(blog.ID, app.Nodes[0].ID) }) // not there
		left := find("app")
		more := must(t, db, func(tx *store.Tx) ([]holm.Node, error) { return tx.AddNodes(left, 2) })
		is(t, "free slots are used, ordinals go on", numbers(holm.Layer{Nodes: more}), [][2]int{{4, 2}, {5, 5}})
		is(t, "numbers of nodes are never used again", more[0].ID > balancer.Nodes[0].ID, true)
		is(t, "now", numbers(find(string(app.ID))), [][2]int{{1, 1}, {3, 3}, {4, 2}, {5, 5}})

		db.Write(t, func(tx *store.Tx) error { return tx.SetCloudlets(app.ID, 9) })
		second := layer(holm.LayerApp, 3, 1)
		db.Read(t, func(tx *store.Tx) error {
			layers, err := tx.Layers(shop.ID)
			is(t, "by position", []any{layers[0].ID, layers[1].ID, layers[2].ID, layers[1].Cloudlets}, []any{balancer.ID, app.ID, second.ID, 9})
			return err
		})
		lookup := func(e holm.Environment, name string) holm.Code {
			return code(t, db, func(tx *store.Tx) error { _, err := tx.Layer(e.ID, name); return err })
		}
		is(t, "two of a role", lookup(shop, "app"), holm.CodeInvalid)
		is(t, "none of a role", lookup(shop, "cache"), holm.CodeNotFound)
		is(t, "of another environment", lookup(blog, string(app.ID)), holm.CodeNotFound)
		is(t, "node of another environment", code(t, db, func(tx *store.Tx) error { _, err := tx.Node(blog.ID, app.Nodes[0].ID); return err }), holm.CodeNotFound)
	})
}

func TestNodesObserved(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, ana := db.person(t, "ana@example.org")
		shop := db.environment(t, ana, "shop")
		l := must(t, db, func(tx *store.Tx) (holm.Layer, error) {
			return tx.CreateLayer(holm.Layer{Environment: shop.ID, Role: holm.LayerApp, Stack: "static", Version: "1", Cloudlets: 1}, 1, 2)
		})
		one := l.Nodes[0]
		now := func() holm.Node {
			return must(t, db, func(tx *store.Tx) (holm.Node, error) { return tx.Node(shop.ID, one.ID) })
		}
		observe := func(n holm.Node) bool {
			return must(t, db, func(tx *store.Tx) (bool, error) { return tx.ObserveNode(shop.ID, n) })
		}
		db.Write(t, func(tx *store.Tx) error { return tx.RestartNode(shop.ID, one.ID) })
		is(t, "asked to restart", []any{now().State, now().Restarts}, []any{holm.StateRestarting, 1})
		seen := now()
		seen.State, seen.Reason, seen.Address, seen.Port = holm.StateRunning, "", "10.1.2.3", 8080
		is(t, "new", observe(seen), true)
		is(t, "nothing new", observe(seen), false)
		is(t, "kept", now(), seen)
		db.Write(t, func(tx *store.Tx) error { return tx.SetNodeStates(shop.ID, holm.StateStopping) })
		is(t, "all", now().State, holm.StateStopping)
		e := must(t, db, func(tx *store.Tx) (holm.Environment, error) { return tx.RunningByName("shop") })
		is(t, "with its layers", []any{len(e.Layers), len(e.Layers[0].Nodes), e.Layers[0].Nodes[0].Address}, []any{1, 2, "10.1.2.3"})
		db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(shop.ID) })
		is(t, "gone with the environment", observe(holm.Node{ID: one.ID, State: holm.StateBroken}), false)
		is(t, "not to be found", absent(t, db, func(tx *store.Tx) error { _, err := tx.RunningByName("shop"); return err }), true)
	})
}
