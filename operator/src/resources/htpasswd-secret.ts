import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { authEnforcement } from './auth-enforcement.ts';
import type { BasicAuth } from './basic-auth.ts';
import { htpasswdSecretName } from './child-names.ts';
import { hashedUsers, htpasswdFile, provenance, usersOf } from './hashed-users.ts';
import { childMetadata } from './labels.ts';
import { HTPASSWD_KEY } from './proxy-environment.ts';
import { type Secret, secretData, secretText } from './secret.ts';

/**
 * The htpasswd file for `credentials`, which stand in `source`. Hashes in `existing`, the Secret as it stands, are kept while
 * they say the same.
 */
export async function htpasswdFor(
  source: KubeObject,
  credentials: BasicAuth,
  existing: Secret | undefined,
): Promise<string> {
  const file = existing === undefined ? undefined : secretText(existing, HTPASSWD_KEY);
  const before =
    existing === undefined || file === undefined ? undefined : { object: existing, users: usersOf(file) };
  return htpasswdFile(await hashedUsers(source, credentials, 'bcrypt', before));
}

/** The Secret that the pods mount; undefined when not the proxy asks for the password. */
export function buildHtpasswdSecret(
  s3proxy: ValidS3Proxy,
  source: KubeObject,
  htpasswd: string,
): Secret | undefined {
  if (authEnforcement(s3proxy) !== 'proxy') return undefined;
  const annotations = provenance(source, usersOf(htpasswd));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(s3proxy, htpasswdSecretName(s3proxy.metadata.name), 'auth', annotations),
    type: 'Opaque',
    data: secretData({ [HTPASSWD_KEY]: htpasswd }),
  };
}
