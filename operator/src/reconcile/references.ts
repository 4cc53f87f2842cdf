import type { S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxySpecInput } from '../api/spec.ts';

/** Names of the Secrets in the S3Proxy's namespace that others own and its spec names. The spec may be invalid. */
export function referencedSecretNames(spec: S3ProxySpecInput | undefined): string[] {
  const names = [
    spec?.credentials?.secretRef?.name,
    spec?.auth?.basic?.secretRef?.name,
    spec?.ingress?.tls?.secretName,
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The same as keys, "namespace/name": an index function of the S3Proxy cache. */
export function referencedSecretKeys({ metadata, spec }: S3Proxy): string[] {
  return referencedSecretNames(spec).map((name) => `${metadata.namespace}/${name}`);
}
