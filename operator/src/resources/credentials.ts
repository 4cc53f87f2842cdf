import { createHash } from 'node:crypto';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { type Secret, secretText } from './secret.ts';

/** Variables that the AWS SDKs' credential chain reads, and the proxy by it. */
export type CredentialVariable = 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN';

export interface CredentialKey {
  variable: CredentialVariable;
  /** Key of the Secret. */
  key: string;
  optional: boolean;
}

export interface StaticCredentials {
  secretName: string;
  keys: CredentialKey[];
}

/** The Secret with static keys that the spec names, if it names one. */
export function staticCredentials({ spec }: ValidS3Proxy): StaticCredentials | undefined {
  const { secretRef } = spec.credentials;
  if (secretRef === undefined) return undefined;
  return {
    secretName: secretRef.name,
    keys: [
      { variable: 'AWS_ACCESS_KEY_ID', key: secretRef.accessKeyIdKey, optional: false },
      { variable: 'AWS_SECRET_ACCESS_KEY', key: secretRef.secretAccessKeyKey, optional: false },
      { variable: 'AWS_SESSION_TOKEN', key: secretRef.sessionTokenKey, optional: true },
    ],
  };
}

/** What keeps a Secret from being used as static credentials, without any of its values; undefined when nothing does. */
export function credentialsFault(credentials: StaticCredentials, secret: Secret): string | undefined {
  for (const { key, optional } of credentials.keys) {
    if (secret.data?.[key] === undefined) {
      if (!optional) return `Secret ${credentials.secretName} has no key ${key}: add it`;
      continue;
    }
    const value = secretText(secret, key);
    if (value === undefined || value === '' || !/^[!-~]+$/.test(value)) {
      return `key ${key} of Secret ${credentials.secretName} must hold printable ASCII without spaces or line breaks`;
    }
  }
  return undefined;
}

/** Changes exactly when a value that the proxy reads changes. 128 bits of SHA-256 in hex; the values are random themselves. */
export function credentialsChecksum(credentials: StaticCredentials, secret: Secret): string {
  const hash = createHash('sha256');
  for (const { variable, key } of credentials.keys) {
    hash.update(JSON.stringify([variable, secret.data?.[key] ?? null]));
  }
  return hash.digest('hex').slice(0, 32);
}
