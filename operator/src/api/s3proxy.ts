import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-kind.ts';
import type { S3ProxySpec, S3ProxySpecInput } from './spec.ts';
import type { S3ProxyStatus } from './status.ts';

export const GROUP = 's3proxy.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'S3Proxy';

/** Where the API server keeps S3Proxies. */
export const S3PROXY: ResourceKind = Object.freeze({
  group: GROUP,
  version: VERSION,
  plural: 's3proxies',
  kind: KIND,
  namespaced: true,
});

/** Longest name whose longest derived name, `<name>-basic-auth`, still is a DNS label of 63 characters. */
export const MAX_NAME_LENGTH = 52;
/** Names a Service too, which must be a DNS-1035 label: it begins with a letter and holds no dot. */
export const NAME_PATTERN = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** An S3Proxy as it comes from the API server, not looked at yet. */
export interface S3Proxy extends KubeObject {
  spec: S3ProxySpecInput;
  status?: S3ProxyStatus;
}

/** An S3Proxy that `parseS3Proxy` accepted: every default is filled in. What the builders take. */
export interface ValidS3Proxy extends KubeObject {
  metadata: ObjectMeta & { namespace: string; uid: string };
  spec: S3ProxySpec;
}
