import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { childMetadata } from './labels.ts';

export type ServiceAccountManifest = KubeObject & { automountServiceAccountToken: boolean };

/** EKS reads it and gives the pods a token for the role ("IAM roles for service accounts"). */
const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn';

/**
 * The ServiceAccount that the pods run as. Always said: a Deployment whose template stops to say it keeps the one of before, by the
 * deprecated field that the API server fills in beside it.
 */
export function serviceAccountName({ metadata, spec }: ValidS3Proxy): string {
  return spec.credentials.serviceAccountName ?? metadata.name;
}

/**
 * The created ServiceAccount, unless the spec names one: with `roleArn` for IRSA, else as the subject of an EKS Pod Identity
 * association. With static keys as well: the namespace's default account may be allowed what a proxy is not.
 */
export function buildServiceAccount(s3proxy: ValidS3Proxy): ServiceAccountManifest | undefined {
  const { serviceAccountName: given, roleArn } = s3proxy.spec.credentials;
  if (given !== undefined) return undefined;
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
