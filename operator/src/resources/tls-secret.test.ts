import { expect, test } from 'vitest';
import { buildCaSecret } from './ca-secret.ts';
import { type Secret, secretText } from './secret.ts';
import { validS3Proxy } from './testing/s3proxy.ts';
import { buildTlsSecret, keyPairOf, tlsSecretFault } from './tls-secret.ts';
import { ingressTls } from './tls-source.ts';
import { issueCertificateAuthority, issueServerCertificate } from './x509.ts';

const s3proxy = validS3Proxy();
const now = new Date('2026-03-01T12:00:00Z');

test('the pairs come back out of their Secrets, and clients find the CA beside the certificate', async () => {
  const authority = await issueCertificateAuthority('photos CA', now);
  const server = await issueServerCertificate(authority, 's3proxy.dummy.local', now);
  const tls = buildTlsSecret(s3proxy, server, authority);
  const ca = buildCaSecret(s3proxy, authority);
  expect([tls.metadata.name, ca.metadata.name]).toEqual(['photos-tls', 'photos-ca']);
  expect(keyPairOf(tls)).toEqual(server);
  expect(keyPairOf(ca)).toEqual(authority);
  expect(secretText(tls, 'ca.crt')).toBe(authority.certificate);
  expect(tlsSecretFault(tls, now)).toBeUndefined();
  expect(tlsSecretFault(tls, new Date('2026-06-01'))).toMatch(/expired on 2026-05-30.*new one/);
  const other = await issueServerCertificate(authority, 's3proxy.dummy.local', now);
  expect(
    tlsSecretFault(buildTlsSecret(s3proxy, { ...server, privateKey: other.privateKey }, authority), now),
  ).toMatch(/tls\.key no key .* belongs/);
  expect(tlsSecretFault(buildTlsSecret(s3proxy, { ...server, privateKey: 'x' }, authority), now)).toMatch(
    /tls\.key/,
  );
});

test.each<[what: string, secret: Partial<Secret>, told: RegExp]>([
  ['another type', { type: 'Opaque' }, /type Opaque/],
  ['no key', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } }, /tls\.key/],
  ['no certificate', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==', 'tls.key': '' } }, /PEM/],
])('a referenced Secret with %s is told', (_, secret, told) => {
  const mine: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine' }, ...secret };
  expect(tlsSecretFault(mine, now)).toMatch(told);
});

test('the certificate comes from the member that the spec sets, else it is self-signed', () => {
  const host = 'a.example.com';
  const source = (ingress: object) => ingressTls(validS3Proxy({ ingress: { host, ...ingress } }));
  expect(source({})).toEqual({ source: 'selfSigned', secretName: 'photos-tls', host });
  expect(source({ tls: {} })).toMatchObject({ source: 'selfSigned' });
  expect(source({ tls: { disabled: false } })).toMatchObject({ source: 'selfSigned' });
  expect(source({ tls: { secretName: 'mine' } })).toEqual({ source: 'secret', secretName: 'mine' });
  expect(source({ tls: { disabled: true } })).toEqual({ source: 'disabled' });
  expect(source({ enabled: false })).toEqual({ source: 'disabled' });
});
