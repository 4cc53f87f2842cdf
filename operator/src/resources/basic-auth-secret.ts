import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { basicAuthSecretName } from './child-names.ts';
import { childMetadata } from './labels.ts';
import { type Secret, secretData, secretText } from './secret.ts';

/** On an S3Proxy: each new value gives the generated Secret a new password. */
export const ROTATE_ANNOTATION = 's3proxy.dev/rotate-password';
/** On the generated Secret: the value for which its password was made. */
const ROTATED_ANNOTATION = 's3proxy.dev/rotated';

export interface BasicAuthSecretInputs {
  /** The Secret as it stands, with its data: its password is kept. */
  existing: Secret | undefined;
  /** Makes a password for a Secret that has none. */
  generatePassword: () => string;
}

/**
 * The generated Secret. Its password stays until the S3Proxy's annotation gets a value that it was not made for.
 * Undefined when authentication is off or the spec names a Secret.
 */
export function buildBasicAuthSecret(
  s3proxy: ValidS3Proxy,
  { existing, generatePassword }: BasicAuthSecretInputs,
): Secret | undefined {
  const { enabled, secretRef, username } = s3proxy.spec.auth.basic;
  if (!enabled || secretRef !== undefined) return undefined;
  const { name, annotations = {} } = s3proxy.metadata;
  const rotation = annotations[ROTATE_ANNOTATION];
  const rotated = existing?.metadata.annotations?.[ROTATED_ANNOTATION];
  const password = rotation === undefined || rotation === rotated ? passwordOf(existing) : undefined;
  // With the annotation taken away, the last rotation stays on record: putting it back is not a new one.
  const made = rotation ?? rotated;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(
      s3proxy,
      basicAuthSecretName(name),
      'auth',
      made === undefined ? undefined : { [ROTATED_ANNOTATION]: made },
    ),
    type: 'kubernetes.io/basic-auth',
    data: secretData({ username, password: password ?? generatePassword() }),
  };
}

/**
 * The password in a Secret that was generated before; undefined when there is none. Somebody's own is kept too, even one that cannot be
 * used: that is told, and nothing lost.
 */
function passwordOf(existing: Secret | undefined): string | undefined {
  return (existing && secretText(existing, 'password')) || undefined;
}

/** Name of the Secret that holds user name and password: the referenced one or the generated one. */
export function authSecretName({ metadata, spec }: ValidS3Proxy): string | undefined {
  const { enabled, secretRef } = spec.auth.basic;
  return enabled ? (secretRef?.name ?? basicAuthSecretName(metadata.name)) : undefined;
}
