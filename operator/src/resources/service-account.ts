import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { childMetadata } from './labels.ts';

export type ServiceAccountManifest = KubeObject & { automountServiceAccountToken: boolean };

/** EKS reads it and gives the pods a token for the role ("IAM roles for service accounts"). */
const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn';

/** The ServiceAccount that the pods run as; undefined for the namespace's own, which suffices for static keys. */
export function serviceAccountName({ metadata, spec }: ValidS3Proxy): string | undefined {
  const { secretRef, serviceAccountName: given } = spec.credentials;
  if (given !== undefined) return given;
  return secretRef === undefined ? metadata.name : undefined;
}

/** The created ServiceAccount: with `roleArn` for IRSA, else as the subject of an EKS Pod Identity association. */
export function buildServiceAccount(s3proxy: ValidS3Proxy): ServiceAccountManifest | undefined {
  const { secretRef, serviceAccountName: given, roleArn } = s3proxy.spec.credentials;
  if (secretRef !== undefined || given !== undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: childMetadata(
      s3proxy,
      s3proxy.metadata.name,
      'proxy',
      roleArn === undefined ? undefined : { [ROLE_ANNOTATION]: roleArn },
    ),
    automountServiceAccountToken: false,
  };
}
