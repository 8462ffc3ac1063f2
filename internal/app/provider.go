package app

import (
	"os"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/account"
)

// provider reads what is needed of the sign-in provider.
func (a *App) provider() (account.ProviderOptions, error) {
	c := a.config.OIDC
	o := account.ProviderOptions{Issuer: c.Issuer, ClientID: c.ClientID, Name: c.Name}
	if c.SecretFile == "" {
		return o, nil
	}
	secret, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return o, holm.Wrap(holm.CodeUnavailable, err, "The file %s with the sign-in provider's secret cannot be read; check --oidc-secret-file", c.SecretFile)
	}
	o.Secret = holm.NewSecret(strings.TrimSpace(string(secret)))
	return o, nil
}
