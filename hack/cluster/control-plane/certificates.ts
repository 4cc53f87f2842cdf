import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Crypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const LIFETIME_MS = 365 * 24 * 3600 * 1000;

/** Whom a certificate speaks for. */
export interface Identity {
  commonName: string;
  organization?: string;
  /** Host names and addresses of a server. */
  altNames?: readonly string[];
}

/** Paths of a certificate and its key, both PEM. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

export interface CertificateAuthority {
  /** Path of the CA's certificate. */
  ca: string;
  issue(name: string, identity: Identity): Promise<CertificateFiles>;
}

/** Where a certificate of that name lies below `directory`. */
export function certificateFiles(directory: string, name: string): CertificateFiles {
  return { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}

/** Makes a certificate authority whose files, and those it issues, go to `directory`. */
export async function createCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = Date.now();
  const validity = { notBefore: new Date(now - 60_000), notAfter: new Date(now + LIFETIME_MS) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=local-cluster',
    ...validity,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  const files = await store(directory, 'ca', authority, keys.privateKey);
  let serial = 1;
  return {
    ca: files.cert,
    async issue(name, { commonName, organization, altNames = [] }) {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      serial += 1;
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(2, '0'),
        issuer: authority.subject,
        subject: organization === undefined ? `CN=${commonName}` : `CN=${commonName}, O=${organization}`,
        ...validity,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.ExtendedKeyUsageExtension([
            x509.ExtendedKeyUsage.clientAuth,
            x509.ExtendedKeyUsage.serverAuth,
          ]),
          new x509.SubjectAlternativeNameExtension(
            altNames.map((value) => ({
              type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
              value,
            })),
          ),
        ],
      });
      return store(directory, name, certificate, own.privateKey);
    },
  };
}

async function store(
  directory: string,
  name: string,
  certificate: x509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<CertificateFiles> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const files = certificateFiles(directory, name);
  await writeFile(files.cert, certificate.toString('pem'));
  // Go's TLS takes an EC key in this form everywhere.
  await writeFile(files.key, key.export({ format: 'pem', type: 'sec1' }), { mode: 0o600 });
  return files;
}

/** The key pair with which service account tokens are signed and checked. */
export interface ServiceAccountKeyFiles {
  privateKey: string;
  publicKey: string;
}

export function serviceAccountKeyFiles(directory: string): ServiceAccountKeyFiles {
  return { privateKey: join(directory, 'sa.key'), publicKey: join(directory, 'sa.pub') };
}

export async function writeServiceAccountKeys(directory: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = serviceAccountKeyFiles(directory);
  await writeFile(files.publicKey, publicKey.export({ format: 'pem', type: 'spki' }));
  await writeFile(files.privateKey, privateKey.export({ format: 'pem', type: 'pkcs1' }), { mode: 0o600 });
}
