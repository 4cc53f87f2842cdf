import { createHash } from 'node:crypto';
import { compare, hash } from 'bcryptjs';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { BasicAuth } from './basic-auth.ts';
import { htpasswdSecretName } from './child-names.ts';
import { childMetadata } from './labels.ts';
import { looksGenerated } from './password.ts';
import { HTPASSWD_KEY } from './proxy-environment.ts';
import { type Secret, secretData, secretText } from './secret.ts';

/** Version of the Secret that the hashes were made from, as `uid/resourceVersion`. */
export const SOURCE_ANNOTATION = 's3proxy.dev/source';
/** SHA-256 of the htpasswd file, so that hashes are kept only if nobody else wrote them. */
export const CHECKSUM_ANNOTATION = 's3proxy.dev/checksum';

/** Rounds of bcrypt, as a power of two, for passwords that people choose. */
const COST_CHOSEN = 10;
/** A generated password has 190 bits: nothing more is needed to keep it from being guessed. */
const COST_GENERATED = 4;

/**
 * The htpasswd file for `credentials`, which stand in `source`. The one in `existing` is kept while it says the same, for with
 * a new salt it would be another file. While `source` itself is unchanged, bcrypt, slow by design, need not even be asked.
 */
export async function htpasswdFor(
  source: KubeObject,
  { username, password }: BasicAuth,
  existing: Secret | undefined,
): Promise<string> {
  const annotations = existing?.metadata.annotations;
  const file = existing === undefined ? undefined : secretText(existing, HTPASSWD_KEY);
  if (file !== undefined && annotations?.[CHECKSUM_ANNOTATION] === checksumOf(file)) {
    if (annotations[SOURCE_ANNOTATION] === versionOf(source)) return file;
    const [user, hashed] = file.trimEnd().split(':');
    if (user === username && hashed !== undefined && (await compare(password, hashed))) return file;
  }
  return `${username}:${await hash(password, looksGenerated(password) ? COST_GENERATED : COST_CHOSEN)}\n`;
}

/** The Secret that the pods mount; undefined when authentication is off. */
export function buildHtpasswdSecret(
  s3proxy: ValidS3Proxy,
  source: KubeObject,
  htpasswd: string,
): Secret | undefined {
  if (!s3proxy.spec.auth.basic.enabled) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(s3proxy, htpasswdSecretName(s3proxy.metadata.name), 'auth', {
      [SOURCE_ANNOTATION]: versionOf(source),
      [CHECKSUM_ANNOTATION]: checksumOf(htpasswd),
    }),
    type: 'Opaque',
    data: secretData({ [HTPASSWD_KEY]: htpasswd }),
  };
}

function versionOf({ metadata }: KubeObject): string {
  return `${metadata.uid ?? ''}/${metadata.resourceVersion ?? ''}`;
}

function checksumOf(htpasswd: string): string {
  return createHash('sha256').update(htpasswd).digest('hex');
}
