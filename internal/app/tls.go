package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/holmhq/holm"
)

// The names of the certificate that HTTPS is served with, in the data folder.
// An operator puts their own there; without one, Holm makes one that browsers
// ask about once.
const (
	certificateFile = "tls/certificate.pem"
	keyFile         = "tls/key.pem"
)

// openTLS listens for HTTPS, where that is asked for.
func (a *App) openTLS(context.Context) error {
	if a.config.HTTPS == "" {
		return nil
	}
	chain, key := filepath.Join(a.config.Data, certificateFile), filepath.Join(a.config.Data, keyFile)
	if _, err := os.Stat(chain); errors.Is(err, fs.ErrNotExist) {
		if err := selfSigned(chain, key, a.config.BaseDomain, a.config.PublicHost()); err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "A certificate for HTTPS could not be made in %s", a.config.Data)
		}
	}
	pair, err := tls.LoadX509KeyPair(chain, key)
	if err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The certificate %s and its key %s do not work", chain, key)
	}
	plain, err := net.Listen("tcp", a.config.HTTPS)
	if err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "Holm cannot listen on %s; is another program using it? Choose another address with --https", a.config.HTTPS)
	}
	if a.config.PublicURL == "" {
		a.config.PublicURL = a.config.Address("", plain.Addr().String())
	}
	a.secure = tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
	return nil
}

// selfSigned makes a certificate for the dashboard and every environment. It
// lasts as long as browsers accept, 398 days, and is made anew by deleting it.
func selfSigned(chain, key, domain, dashboard string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: domain}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 398),
		DNSNames: []string{domain, "*." + domain, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if dashboard != "" && !bare(dashboard) && dashboard != domain {
		template.DNSNames = append(template.DNSNames, dashboard)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(chain), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}
