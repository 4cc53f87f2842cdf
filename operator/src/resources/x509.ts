import {
  createPrivateKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { ECParameters, ecdsaWithSHA256, id_ecPublicKey, id_secp256r1 } from '@peculiar/asn1-ecc';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  Validity,
} from '@peculiar/asn1-x509';
import { BIT_STRING, contentOf, contextTag, element, elementsOf, INTEGER, SEQUENCE } from './der.ts';

/** A certificate and its private key (PKCS #8), both in PEM. */
export interface KeyPair {
  certificate: string;
  privateKey: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const CA_DAYS = 3650;
const SERVER_DAYS = 90;
/** Clients whose clock is a little behind must accept a fresh certificate. */
const BACKDATED_MS = 5 * 60 * 1000;

/** P-256, as OpenSSL names it. */
export const KEY_CURVE = 'prime256v1';

const COMMON_NAME = '2.5.4.3';
/** Characters of the longest common name (RFC 5280 §A.1, ub-common-name). */
const LONGEST_COMMON_NAME = 64;
/** 2.5.29.14, the type of the extension that names a key, as it stands in a certificate. */
const KEY_IDENTIFIER_TYPE = Buffer.of(0x06, 3, 0x55, 0x1d, 14);
/** Tag of the field that holds a certificate's extensions (RFC 5280 §4.1). */
const EXTENSIONS = contextTag(3);
/** id-ecPublicKey on the curve P-256 (RFC 5480 §2.1.1). */
const EC_P256 = der(
  new AlgorithmIdentifier({
    algorithm: id_ecPublicKey,
    parameters: AsnConvert.serialize(new ECParameters({ namedCurve: id_secp256r1 })),
  }),
);
/** A name without parts. */
const NO_NAME = element(SEQUENCE);
const SIGNATURE_ALGORITHM = der(ecdsaWithSHA256);
/** Version 3 (RFC 5280 §4.1.2.1). */
const VERSION = element(contextTag(0), element(INTEGER, Buffer.of(2)));
/** First byte of a bit string that is whole bytes (X.690 §8.6.2). */
const NO_UNUSED_BITS = Buffer.of(0);
/** First byte of a point that is both coordinates (RFC 5480 §2.2). */
const UNCOMPRESSED = Buffer.of(4);

const AUTHORITY_EXTENSIONS = [
  extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
  extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
];
const SERVER_EXTENSIONS = [
  extension(id_ce_basicConstraints, new BasicConstraints(), true),
  extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
  extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
];

/**
 * A new certificate authority, valid for ten years from `now`. It may sign end-entity certificates only (path length 0).
 * @param commonName cut where it is longer than one may be
 */
export function issueCertificateAuthority(commonName: string, now: Date): KeyPair {
  return issueAuthority(nameOf(commonName.slice(0, LONGEST_COMMON_NAME)), newKeys(), now);
}

/**
 * The same authority, valid for ten years from `now`: its name and its key stay, so whoever trusts one of the two certificates trusts what was
 * and will be signed under either, as long as that certificate lasts.
 */
export function renewCertificateAuthority({ certificate, privateKey }: KeyPair, now: Date): KeyPair {
  const before = new X509Certificate(certificate);
  const keys = keysOf(createPrivateKey(privateKey), before.publicKey);
  return issueAuthority(subjectOf(before), { ...keys, identifier: keyIdentifierOf(before) }, now);
}

function issueAuthority(name: Buffer, keys: Keys, now: Date): KeyPair {
  return issue({
    keys,
    subject: name,
    issuer: name,
    signingKey: keys.privateKey,
    validity: validity(now, CA_DAYS),
    extensions: [
      ...AUTHORITY_EXTENSIONS,
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keys.identifier)),
    ],
  });
}

/** A new certificate for the DNS name `host`, signed by `authority` and valid for 90 days from `now`, or as long as `authority` is. */
export function issueServerCertificate(authority: KeyPair, host: string, now: Date): KeyPair {
  const keys = newKeys();
  const issuer = new X509Certificate(authority.certificate);
  const { notBefore, notAfter } = validity(now, SERVER_DAYS);
  const named = host.length <= LONGEST_COMMON_NAME;
  const names = new SubjectAlternativeName([new GeneralName({ dNSName: host })]);
  return issue({
    keys,
    // A host that is too long for a common name stands among the alternative names alone, which must be understood then (RFC 5280 §4.2.1.6).
    subject: named ? nameOf(host) : NO_NAME,
    issuer: subjectOf(issuer),
    signingKey: createPrivateKey(authority.privateKey),
    validity: {
      notBefore,
      notAfter: new Date(Math.min(notAfter.getTime(), Date.parse(issuer.validTo))),
    },
    extensions: [
      ...SERVER_EXTENSIONS,
      extension(id_ce_subjectAltName, names, !named),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifierOf(issuer)) }),
      ),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keys.identifier)),
    ],
  });
}

interface Keys {
  privateKey: KeyObject;
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
  publicKey: Buffer;
  identifier: Buffer;
}

/** What a certificate says; names and extensions encoded. */
interface Issuance {
  keys: Keys;
  subject: Buffer;
  issuer: Buffer;
  signingKey: KeyObject;
  validity: { notBefore: Date; notAfter: Date };
  extensions: readonly Buffer[];
}

function issue({ keys, subject, issuer, signingKey, validity, extensions }: Issuance): KeyPair {
  // RFC 5280 §4.1. Put together of encoded parts: AsnConvert's TBSCertificate and Certificate encode each of them several times over.
  const tbs = element(
    SEQUENCE,
    VERSION,
    element(INTEGER, serialNumber()),
    SIGNATURE_ALGORITHM,
    issuer,
    der(new Validity(validity)),
    subject,
    keys.publicKey,
    element(EXTENSIONS, element(SEQUENCE, ...extensions)),
  );
  const signature = element(BIT_STRING, NO_UNUSED_BITS, sign('sha256', tbs, signingKey));
  return {
    certificate: new X509Certificate(element(SEQUENCE, tbs, SIGNATURE_ALGORITHM, signature)).toString(),
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function nameOf(commonName: string): Buffer {
  const value = new AttributeValue({ utf8String: commonName });
  const attribute = new AttributeTypeAndValue({ type: COMMON_NAME, value });
  return der(new Name([new RelativeDistinguishedName([attribute])]));
}

function extension(extnID: string, value: object, critical = false): Buffer {
  const extnValue = new OctetString(AsnConvert.serialize(value));
  return der(new Extension({ extnID, critical, extnValue }));
}

function der(value: object): Buffer {
  return Buffer.from(AsnConvert.serialize(value));
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

/** 127 random bits, positive (RFC 5280 §4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: KEY_CURVE });
  return keysOf(privateKey, publicKey);
}

function keysOf(privateKey: KeyObject, publicKey: KeyObject): Keys {
  const point = pointOf(publicKey);
  return {
    privateKey,
    publicKey: element(SEQUENCE, EC_P256, element(BIT_STRING, NO_UNUSED_BITS, point)),
    identifier: identifierOf(point),
  };
}

/** The bits of a public key on an elliptic curve. */
function pointOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([UNCOMPRESSED, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1). */
function identifierOf(point: Buffer): Buffer {
  return hash('sha1', point, 'buffer');
}

/** What a certificate calls its key, which those that it signs must name (RFC 5280 §4.2.1.1); where it says nothing, what we would call it. */
function keyIdentifierOf(certificate: X509Certificate): Buffer {
  const extensions = partsOf(certificate).find(([tag]) => tag === EXTENSIONS);
  for (const each of extensions === undefined ? [] : elementsOf(contentOf(extensions))) {
    const [type, ...rest] = elementsOf(each);
    const value = rest.at(-1);
    // The identifier is a string of bytes inside the extension's.
    if (value !== undefined && type?.equals(KEY_IDENTIFIER_TYPE)) return contentOf(contentOf(value));
  }
  return identifierOf(pointOf(certificate.publicKey));
}

/** A certificate's subject as it stands there: verifiers compare it byte by byte. */
function subjectOf(certificate: X509Certificate): Buffer {
  // The sixth field where a version stands before the others.
  const subject = partsOf(certificate)[5];
  if (subject === undefined) throw new TypeError('not a certificate of version 3');
  return subject;
}

/** The fields of a certificate's first part (RFC 5280 §4.1, TBSCertificate). */
function partsOf({ raw }: X509Certificate): Buffer[] {
  const [tbsCertificate] = elementsOf(raw);
  return tbsCertificate === undefined ? [] : elementsOf(tbsCertificate);
}
