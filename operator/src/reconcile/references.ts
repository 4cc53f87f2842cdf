import type { S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxySpecInput } from '../api/spec.ts';
import { certificateSecretName } from '../resources/child-names.ts';

/** Names of the Secrets in the S3Proxy's namespace that others keep for it. The spec may be invalid. */
export function referencedSecretNames(name: string, spec: S3ProxySpecInput | undefined): string[] {
  const names = [
    spec?.credentials?.secretRef?.name,
    spec?.auth?.basic?.secretRef?.name,
    spec?.ingress?.tls?.secretName,
    spec?.ingress?.tls?.certManager === undefined ? undefined : certificateSecretName(name),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The same as keys, "namespace/name": an index function of the S3Proxy cache. */
export function referencedSecretKeys({ metadata, spec }: S3Proxy): string[] {
  return referencedSecretNames(metadata.name, spec).map((name) => `${metadata.namespace}/${name}`);
}
