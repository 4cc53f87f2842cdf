import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { parseBasicAuth } from './basic-auth.ts';
import { basicAuthSecretName } from './child-names.ts';
import { childMetadata } from './labels.ts';
import { type Secret, secretData } from './secret.ts';

export interface BasicAuthSecretInputs {
  /** The Secret as it stands, with its data: its password is kept. */
  existing: Secret | undefined;
  /** Makes a password for a Secret that has none. */
  generatePassword: () => string;
}

/** The generated Secret; undefined when authentication is off or the spec names a Secret. */
export function buildBasicAuthSecret(
  s3proxy: ValidS3Proxy,
  { existing, generatePassword }: BasicAuthSecretInputs,
): Secret | undefined {
  const { enabled, secretRef, username } = s3proxy.spec.auth.basic;
  if (!enabled || secretRef !== undefined) return undefined;
  const { name } = s3proxy.metadata;
  const kept = existing === undefined ? undefined : parseBasicAuth(existing);
  const password = kept?.ok === true ? kept.credentials.password : generatePassword();
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(s3proxy, basicAuthSecretName(name), 'auth'),
    type: 'kubernetes.io/basic-auth',
    data: secretData({ username, password }),
  };
}

/** Name of the Secret that holds user name and password: the referenced one or the generated one. */
export function authSecretName({ metadata, spec }: ValidS3Proxy): string | undefined {
  const { enabled, secretRef } = spec.auth.basic;
  return enabled ? (secretRef?.name ?? basicAuthSecretName(metadata.name)) : undefined;
}
