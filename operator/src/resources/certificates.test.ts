import 'reflect-metadata';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import {
  BasicConstraintsExtension,
  type Extension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { expect, test } from 'vitest';
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
  expiryOf,
  lifeOf,
  renewalDue,
} from './certificates.ts';
import { issueCertificateAuthority, issueServerCertificate, type KeyPair } from './x509.ts';

const DAY_MS = 86_400_000;
const now = new Date('2026-03-01T12:00:00Z');
const days = (count: number): Date => new Date(now.getTime() + count * DAY_MS);
const host = 'photos.example.com';

test('a client that trusts the CA alone connects to the host alone', async () => {
  const today = new Date();
  const authority = issueCertificateAuthority('photos CA', today);
  const server = issueServerCertificate(authority, host, today);
  const https = createServer({ cert: server.certificate, key: server.privateKey }, (_, response) =>
    response.end(),
  );
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const { port } = https.address() as AddressInfo;
  const authorised = (servername: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca: authority.certificate });
      socket.once('secureConnect', () => resolve(socket.authorized)).once('error', () => resolve(false));
      socket.once('secureConnect', () => socket.destroy());
    });
  try {
    expect(await authorised(host)).toBe(true);
    expect(await authorised('other.example.com')).toBe(false);
  } finally {
    https.close();
  }
});

test('the CA signs only end-entity certificates, for ten years', () => {
  const { certificate } = issueCertificateAuthority('photos CA', now);
  expect(new X509Certificate(certificate).ca).toBe(true);
  expect(expiryOf(certificate)).toEqual(days(3650));
});

test('a server certificate lives 90 days and is due after two thirds of them', () => {
  const authority = issueCertificateAuthority('photos CA', now);
  const { certificate } = issueServerCertificate(authority, host, now);
  expect(expiryOf(certificate)).toEqual(days(90));
  expect(renewalDue(certificate, days(59.9))).toBe(false);
  expect(renewalDue(certificate, days(60))).toBe(true);
  expect(renewalDue(certificate, days(-1))).toBe(true);
  expect(lifeOf(certificate)?.renewAt.getTime()).toBeLessThanOrEqual(days(60).getTime());
});

test('a server certificate does not outlive its CA', () => {
  const authority = issueCertificateAuthority('photos CA', days(-3600));
  const { certificate } = issueServerCertificate(authority, host, now);
  expect(expiryOf(certificate)).toEqual(expiryOf(authority.certificate));
});

test('what is good is kept, what is not is issued anew', () => {
  const authority = ensureCertificateAuthority(undefined, 'photos CA', now);
  expect(ensureCertificateAuthority(authority, 'photos CA', days(2000))).toBe(authority);

  const server = ensureServerCertificate(undefined, authority, host, now);
  const again = (pair: typeof server | undefined, ca = authority, name = host, at = now) =>
    ensureServerCertificate(pair, ca, name, at);
  expect(again(server)).toBe(server);
  expect(again(server, authority, host, days(61))).not.toBe(server);
  expect(again(server, authority, 'other.example.com')).not.toBe(server);

  const other = issueCertificateAuthority('photos CA', now);
  expect(again(server, other)).not.toBe(server);
  expect(again({ ...server, privateKey: other.privateKey })).not.toBe(server);
  expect(again({ certificate: 'nonsense', privateKey: '' })).not.toBe(server);
  expect(ensureCertificateAuthority(server, 'photos CA', now)).not.toBe(server);
});

test('a CA is renewed under its name and key, so that clients of either certificate trust all that it signed', () => {
  const authority = issueCertificateAuthority('team/photos', now);
  const server = issueServerCertificate(authority, host, days(2430));
  const renewed = ensureCertificateAuthority(authority, 'another name', days(2500));
  expect(expiryOf(renewed.certificate)).toEqual(days(2500 + 3650));
  expect(ensureServerCertificate(server, renewed, host, days(2440))).toBe(server);
  const later = issueServerCertificate(renewed, host, days(2500));
  const [before, after] = [authority, renewed].map(({ certificate }) => new X509Certificate(certificate));
  for (const leaf of [server, later]) {
    for (const ca of [before, after]) {
      const certificate = new X509Certificate(leaf.certificate);
      if (ca === undefined) throw new Error('two authorities were made');
      expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
    }
  }
});

test('a CA that is over gets a successor with a key of its own', () => {
  const authority = issueCertificateAuthority('team/photos', now);
  const successor = ensureCertificateAuthority(authority, 'team/photos', days(3651));
  const server = issueServerCertificate(authority, host, now);
  expect(ensureServerCertificate(server, successor, host, days(1))).not.toBe(server);
});

test("names longer than a certificate's may be", () => {
  const long = `${'a'.repeat(63)}.example.com`;
  const authority = issueCertificateAuthority(`${'team'.repeat(15)}/photos`, now);
  const server = ensureServerCertificate(undefined, authority, long, now);
  const certificate = new X509Certificate(server.certificate);
  expect(new X509Certificate(authority.certificate).subject).toHaveLength('CN='.length + 64);
  expect(certificate.subject).toBeUndefined();
  expect(certificate.checkHost(long)).toBe(long);
  expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(ensureServerCertificate(server, authority, long, days(1))).toBe(server);
});

test('of what is no certificate, nothing is known and renewal is due', () => {
  expect(expiryOf('nonsense')).toBeUndefined();
  expect(lifeOf('nonsense')).toBeUndefined();
  expect(renewalDue('nonsense', now)).toBe(true);
});

test('certificates say what they are for, and by whom they are', () => {
  const authority = issueCertificateAuthority('team/photos', now);
  const ca = new X509Certificate(authority.certificate);
  const server = new X509Certificate(issueServerCertificate(authority, host, now).certificate);
  expect(server.checkIssued(ca)).toBe(true);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(ca.checkIssued(ca)).toBe(true);
  expect(server.ca).toBe(false);
  expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect([ca.subject, server.issuer, server.subject]).toEqual([
    'CN=team/photos',
    'CN=team/photos',
    `CN=${host}`,
  ]);
  expect(server.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
});

/** An authority that somebody made with other tools. */
async function somebodysAuthority(
  name: string,
  namedCurve: string,
  hash: string,
  extensions: readonly Extension[] = [],
): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    notBefore: now,
    notAfter: days(3650),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash },
    extensions: [new BasicConstraintsExtension(true, 0, true), ...extensions],
  });
  const privateKey = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string;
  return { certificate: certificate.toString('pem'), privateKey };
}

test("a certificate names its authority's key as the authority does", async () => {
  const identifier = new SubjectKeyIdentifierExtension('0123456789abcdef0123456789abcdef');
  const own = await somebodysAuthority('CN=of our own', 'P-256', 'SHA-256', [identifier]);
  expect(ensureCertificateAuthority(own, 'photos CA', days(1))).toBe(own);
  const renewed = ensureCertificateAuthority(own, 'photos CA', days(3000));
  for (const authority of [own, renewed]) {
    const server = new X509Certificate(issueServerCertificate(authority, host, days(1)).certificate);
    const issuer = new X509Certificate(authority.certificate);
    expect(issuer.subject).toBe('CN=of our own');
    expect(server.checkIssued(issuer) && server.verify(issuer.publicKey)).toBe(true);
  }
});

test('an authority with a key of another kind is replaced, for what it signs could not be verified', async () => {
  const other = await somebodysAuthority('CN=photos CA', 'P-384', 'SHA-384');
  expect(ensureCertificateAuthority(other, 'photos CA', days(1))).not.toBe(other);
});
