import { describeFaults, parseS3Proxy } from '../../api/parse.ts';
import { API_VERSION, KIND, type ValidS3Proxy } from '../../api/s3proxy.ts';
import type { S3ProxySpecInput } from '../../api/spec.ts';
import type { KubeObject } from '../../kube/objects.ts';

/** The smallest useful spec. */
export const SMALLEST_SPEC: S3ProxySpecInput = {
  bucket: { name: 'my-bucket', region: 'eu-west-1' },
  ingress: { host: 's3proxy.dummy.local' },
};

/** An S3Proxy as the API server gives it. Blocks of `spec` replace those of the smallest one. */
export function s3proxyObject(
  spec: Partial<S3ProxySpecInput> = {},
  name = 'photos',
): KubeObject & { spec: S3ProxySpecInput } {
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name, namespace: 'web', uid: '6ad1bbd6-4b0c-4b1d-9a3c-0b6f2f3f0d5a', generation: 1 },
    spec: { ...SMALLEST_SPEC, ...spec },
  };
}

/** The same, parsed. @throws Error that lists the faults. */
export function validS3Proxy(spec: Partial<S3ProxySpecInput> = {}, name?: string): ValidS3Proxy {
  const parsed = parseS3Proxy(s3proxyObject(spec, name));
  if (!parsed.ok) throw new Error(describeFaults(parsed.faults));
  return parsed.s3proxy;
}
