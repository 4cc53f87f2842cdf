import type { S3Proxy, ValidS3Proxy } from '../api/s3proxy.ts';
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

/** Whether the spec names a Secret: then it is in use, even if it is one that the operator made. */
export function isReferenced({ metadata, spec }: ValidS3Proxy, secretName: string): boolean {
  return referencedSecretNames(metadata.name, spec).includes(secretName);
}

/** The same as keys, "namespace/name": an index function of the S3Proxy cache. */
export function referencedSecretKeys({ metadata, spec }: S3Proxy): string[] {
  return referencedSecretNames(metadata.name, spec).map((name) => `${metadata.namespace}/${name}`);
}
