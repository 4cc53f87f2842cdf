import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
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

/** The certificate authority of `directory`, made on first use. Its files, and those it issues, go there. */
export async function certificateAuthority(directory: string): Promise<CertificateAuthority> {
  const files = certificateFiles(directory, 'ca');
  const known = await load(files).catch(() => undefined);
  const { certificate: authority, privateKey } = known ?? (await createAuthority(directory));
  return {
    ca: files.cert,
    async issue(name, { commonName, organization, altNames = [] }) {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        issuer: authority.subject,
        subject: organization === undefined ? `CN=${commonName}` : `CN=${commonName}, O=${organization}`,
        ...validity(),
        publicKey: own.publicKey,
        signingKey: privateKey,
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

interface Authority {
  certificate: x509.X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

async function createAuthority(directory: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=local-cluster',
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  await store(directory, 'ca', certificate, keys.privateKey);
  return { certificate, privateKey: keys.privateKey };
}

async function load(files: CertificateFiles): Promise<Authority> {
  const key = createPrivateKey(await readFile(files.key)).export({ format: 'der', type: 'pkcs8' });
  return {
    certificate: new x509.X509Certificate(await readFile(files.cert, 'utf8')),
    privateKey: await webcrypto.subtle.importKey('pkcs8', new Uint8Array(key), ALGORITHM, true, ['sign']),
  };
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + LIFETIME_MS) };
}

/** RFC 5280 §4.1.2.2: positive, and no two alike from one issuer. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
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
