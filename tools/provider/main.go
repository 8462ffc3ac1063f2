// Command provider is a sign-in provider (OpenID Connect) for the tests: the
// one that the maintainers of zitadel/oidc ship as their example, with a real
// sign-in page and real signed tokens. It runs until it is ended.
//
// It must not know of Holm.
package main

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	listen := flag.String("listen", "", "address to listen at")
	issuer := flag.String("issuer", "", "what it calls itself: the address at which others reach it")
	users := flag.String("users", "", "file with the people who have a login, by id (JSON)")
	secret := flag.String("secret", "", "what its clients prove themselves with")
	back := flag.String("back", "", "where it may lead back to, separated by commas")
	flag.Parse()
	store, err := storage.StoreFromFile(*users)
	if err != nil {
		fail(err)
	}
	// Two clients: what one is told must not count for the other.
	for _, id := range []string{"holm", "other"} {
		storage.RegisterClients(storage.WebClient(id, *secret, strings.Split(*back, ",")...))
	}
	router := exampleop.SetupServer(*issuer, storage.NewStorage(store), slog.New(slog.NewTextHandler(io.Discard, nil)), false)
	if err := http.ListenAndServe(*listen, router); !errors.Is(err, http.ErrServerClosed) {
		fail(err)
	}
}

func fail(err error) {
	_, _ = os.Stderr.WriteString(err.Error() + "\n")
	os.Exit(1)
}
