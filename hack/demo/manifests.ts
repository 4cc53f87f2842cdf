/** What the demo applies besides the operator's chart. All of it lives in one namespace, so that deleting that removes it. */

export const DEMO_NAMESPACE = 's3proxy-demo';
export const DEMO_NAME = 'photos';
export const DEMO_HOST = 's3proxy.dummy.local';
export const CREDENTIALS_SECRET = 'photos-s3-keys';

export interface DemoBucket {
  bucket: string;
  region: string;
  /** As the pods reach it. */
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The namespace, with the Restricted Pod Security Standard enforced: the proxies must satisfy it. */
export function demoNamespace(name = DEMO_NAMESPACE): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
}

/** The static S3 keys that the S3Proxy refers to. */
export function credentialsSecret(bucket: DemoBucket, namespace = DEMO_NAMESPACE): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: CREDENTIALS_SECRET, namespace },
    stringData: {
      AWS_ACCESS_KEY_ID: bucket.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    },
  };
}

/** The S3Proxy of the demo: the ten lines of the README, pointed at the demo's S3 server. */
export function demoS3Proxy(
  bucket: DemoBucket,
  ingressClass: string | undefined,
  namespace = DEMO_NAMESPACE,
): object {
  return {
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name: DEMO_NAME, namespace },
    spec: {
      bucket: {
        name: bucket.bucket,
        region: bucket.region,
        endpoint: bucket.endpoint,
        forcePathStyle: true,
      },
      credentials: { secretRef: { name: CREDENTIALS_SECRET } },
      ingress: { host: DEMO_HOST, ...(ingressClass !== undefined && { className: ingressClass }) },
    },
  };
}
