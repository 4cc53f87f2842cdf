package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/bcrypt"
	corev1 "k8s.io/api/core/v1"
)

const (
	passwordAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	passwordLength   = 32

	authorityLife = 3650 * 24 * time.Hour
	serverLife    = 90 * 24 * time.Hour
	backdated     = 5 * time.Minute
)

func generatePassword() ([]byte, error) {
	password := make([]byte, passwordLength)
	for i := range password {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(passwordAlphabet))))
		if err != nil {
			return nil, err
		}
		password[i] = passwordAlphabet[n.Int64()]
	}
	return password, nil
}

// htpasswd keeps the line that is there while it is of this user and password: with a new salt it would be another.
func htpasswd(user string, password []byte, live *corev1.Secret) ([]byte, error) {
	prefix := user + ":"
	if live != nil {
		if line := live.Data[htpasswdKey]; len(line) > len(prefix)+1 && string(line[:len(prefix)]) == prefix &&
			bcrypt.CompareHashAndPassword(line[len(prefix):len(line)-1], password) == nil {
			return line, nil
		}
	}
	// The password is long and random: the least cost is enough.
	hash, err := bcrypt.GenerateFromPassword(password, bcrypt.MinCost)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s%s\n", prefix, hash), nil
}

// keyPair is a certificate and its key, both as they stand in a Secret and parsed.
type keyPair struct {
	certificatePEM, keyPEM []byte
	certificate            *x509.Certificate
	key                    *ecdsa.PrivateKey
}

func keyPairOf(live *corev1.Secret) (*keyPair, error) {
	if live == nil {
		return nil, errors.New("there is no Secret")
	}
	pair := &keyPair{certificatePEM: live.Data[corev1.TLSCertKey], keyPEM: live.Data[corev1.TLSPrivateKeyKey]}
	certificate, _ := pem.Decode(pair.certificatePEM)
	key, _ := pem.Decode(pair.keyPEM)
	if certificate == nil || key == nil {
		return nil, errors.New("the Secret holds no PEM")
	}
	var err error
	if pair.certificate, err = x509.ParseCertificate(certificate.Bytes); err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(key.Bytes)
	if err != nil {
		return nil, err
	}
	var ok bool
	if pair.key, ok = parsed.(*ecdsa.PrivateKey); !ok || !pair.key.PublicKey.Equal(pair.certificate.PublicKey) {
		return nil, errors.New("key and certificate do not belong together")
	}
	return pair, nil
}

// certificateAuthority keeps the one that is there for two thirds of its life.
func certificateAuthority(p *S3Proxy, live *corev1.Secret, now time.Time) (*keyPair, error) {
	if pair, err := keyPairOf(live); err == nil && pair.certificate.IsCA && !renewalDue(pair.certificate, now) {
		return pair, nil
	}
	return issue(&x509.Certificate{
		Subject:               pkix.Name{CommonName: p.Namespace + "/" + p.Name},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.Add(authorityLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil)
}

// serverCertificate keeps the one that is there while it is for the host, of the authority and not to be renewed.
func serverCertificate(p *S3Proxy, authority *keyPair, live *corev1.Secret, now time.Time) (*keyPair, error) {
	host := p.Spec.Ingress.Host
	if pair, err := keyPairOf(live); err == nil && pair.certificate.VerifyHostname(host) == nil &&
		pair.certificate.CheckSignatureFrom(authority.certificate) == nil && !renewalDue(pair.certificate, now) {
		return pair, nil
	}
	return issue(&x509.Certificate{
		Subject:               pkix.Name{CommonName: host},
		DNSNames:              []string{host},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.Add(serverLife),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, authority)
}

func renewalDue(certificate *x509.Certificate, now time.Time) bool {
	life := certificate.NotAfter.Sub(certificate.NotBefore)
	return now.After(certificate.NotBefore.Add(life * 2 / 3))
}

// issue signs by the authority, or by the new key itself.
func issue(template *x509.Certificate, authority *keyPair) (*keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	parent, signer := template, key
	if authority != nil {
		parent, signer = authority.certificate, authority.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return &keyPair{
		certificatePEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		keyPEM:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		certificate:    certificate,
		key:            key,
	}, nil
}
