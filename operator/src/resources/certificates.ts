import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  issueCertificateAuthority,
  issueServerCertificate,
  KEY_CURVE,
  type KeyPair,
  renewCertificateAuthority,
} from './x509.ts';

/** Share of a certificate's life after which it is renewed. */
const RENEW_AFTER = 2 / 3;

/**
 * The CA in `existing` while it is good, else another one. Leaf certificates come and go under it, so that clients may pin it.
 * A CA is good while it is whole, may sign, has a key of the kind that is used here, and is in the first two thirds of its ten years. After those
 * it is renewed under its name and key, so that clients have the last third to take up the new certificate; a new one comes only in place of
 * one that is of no use.
 */
export function ensureCertificateAuthority(
  existing: KeyPair | undefined,
  commonName: string,
  now: Date,
): KeyPair {
  const certificate = existing === undefined ? undefined : read(existing);
  if (existing !== undefined && certificate !== undefined && maySign(certificate)) {
    if (!renewalDue(existing.certificate, now)) return existing;
    const trusted = Date.parse(certificate.validTo) > now.getTime();
    // One that another authority signed is not ours to sign anew.
    if (trusted && certificate.checkIssued(certificate)) return renewCertificateAuthority(existing, now);
  }
  return issueCertificateAuthority(commonName, now);
}

/** Whether it is an authority's, with a key that signs as certificates are signed here. */
function maySign({ ca, publicKey }: X509Certificate): boolean {
  return ca && publicKey.asymmetricKeyDetails?.namedCurve === KEY_CURVE;
}

/**
 * The server certificate in `existing` while it is good, else a new one. It is good while it is whole, for `host`, signed by
 * `authority` and in the first two thirds of its 90 days.
 */
export function ensureServerCertificate(
  existing: KeyPair | undefined,
  authority: KeyPair,
  host: string,
  now: Date,
): KeyPair {
  const certificate = existing === undefined ? undefined : read(existing);
  const good =
    existing !== undefined &&
    certificate?.subjectAltName === `DNS:${host}` &&
    certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
    !renewalDue(existing.certificate, now);
  return good ? existing : issueServerCertificate(authority, host, now);
}

/** Whether certificate and key can be read and belong together. */
export function isWhole(pair: KeyPair): boolean {
  return read(pair) !== undefined;
}

/** Whether the first certificate in `pem` is one for `host` (RFC 9525); false when it cannot be read. */
export function isFor(pem: string, host: string): boolean {
  return parse(pem)?.checkHost(host) !== undefined;
}

/** From when until when a certificate is valid, and when it is to be renewed. */
export interface Life {
  from: Date;
  until: Date;
  renewAt: Date;
}

/** The life of the first certificate in `pem`; undefined when it cannot be read. */
export function lifeOf(pem: string): Life | undefined {
  const certificate = parse(pem);
  if (certificate === undefined) return undefined;
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  return {
    from: new Date(from),
    until: new Date(until),
    renewAt: new Date(from + (until - from) * RENEW_AFTER),
  };
}

/** Whether the first certificate in `pem` is to be renewed: it is past two thirds of its life, not valid yet, or not readable. */
export function renewalDue(pem: string, now: Date): boolean {
  const life = lifeOf(pem);
  return life === undefined || now >= life.renewAt || life.from > now;
}

/** When the first certificate in `pem` expires; undefined when it cannot be read. */
export function expiryOf(pem: string): Date | undefined {
  return lifeOf(pem)?.until;
}

/** The certificate of a pair whose halves belong together. */
function read({ certificate, privateKey }: KeyPair): X509Certificate | undefined {
  const parsed = parse(certificate);
  try {
    return parsed?.checkPrivateKey(createPrivateKey(privateKey)) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
