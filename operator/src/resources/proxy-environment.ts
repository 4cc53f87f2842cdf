import type { V1EnvVar } from '@kubernetes/client-node';
import type { ProxyVariable } from '@s3proxy/proxy/config';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { type CredentialVariable, staticCredentials } from './credentials.ts';

/** Where the htpasswd Secret is mounted. A directory, since files mounted by subPath never change. */
export const HTPASSWD_DIRECTORY = '/etc/s3proxy/auth';
/** Key of the htpasswd Secret, and so the file's name. */
export const HTPASSWD_KEY = 'htpasswd';

interface Variable extends V1EnvVar {
  name: ProxyVariable | CredentialVariable;
}

/** The proxy's environment. What equals the proxy's own default is left out. */
export function proxyEnvironment(s3proxy: ValidS3Proxy): Variable[] {
  const { bucket, auth } = s3proxy.spec;
  const values: [ProxyVariable, string | undefined][] = [
    ['S3_BUCKET', bucket.name],
    ['S3_PREFIX', folderPrefix(bucket.prefix)],
    ['AWS_REGION', bucket.region],
    ['AWS_ENDPOINT_URL_S3', bucket.endpoint],
    ['S3_FORCE_PATH_STYLE', bucket.forcePathStyle ? 'true' : undefined],
    ['AUTH_HTPASSWD_FILE', auth.basic.enabled ? `${HTPASSWD_DIRECTORY}/${HTPASSWD_KEY}` : undefined],
    ['AUTH_REALM', auth.basic.enabled ? auth.basic.realm : undefined],
  ];
  const variables: Variable[] = [];
  for (const [name, value] of values) {
    if (value !== undefined) variables.push({ name, value: literal(value) });
  }
  const credentials = staticCredentials(s3proxy);
  for (const { variable, key, optional } of credentials?.keys ?? []) {
    const secretKeyRef = { name: credentials?.secretName ?? '', key, ...(optional && { optional }) };
    variables.push({ name: variable, valueFrom: { secretKeyRef } });
  }
  return variables;
}

/** A prefix names a folder: without "/" at its end, `public` would publish `public-drafts/` too. */
function folderPrefix(prefix: string): string | undefined {
  if (prefix === '') return undefined;
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** The kubelet replaces `$(NAME)` in values by other variables, the secret key among them; `$$` stands for `$`. */
function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}
