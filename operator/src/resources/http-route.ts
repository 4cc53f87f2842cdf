import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { childMetadata } from './labels.ts';
import { SERVICE_PORT } from './service.ts';

interface ParentRef {
  name: string;
  namespace?: string | undefined;
  sectionName?: string | undefined;
  port?: number | undefined;
}

/** gateway.networking.k8s.io/v1 HTTPRoute, as far as it is used here. */
export interface HttpRouteManifest extends KubeObject {
  spec: {
    parentRefs: ParentRef[];
    hostnames: string[];
    rules: {
      matches: { path: { type: 'PathPrefix'; value: string } }[];
      backendRefs: { name: string; port: number }[];
    }[];
  };
}

/** The HTTPRoute; undefined when the spec names no Gateway. */
export function buildHttpRoute(s3proxy: ValidS3Proxy): HttpRouteManifest | undefined {
  const { gateway } = s3proxy.spec;
  if (gateway === undefined) return undefined;
  const { name } = s3proxy.metadata;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      parentRefs: gateway.parentRefs.map((parent) => ({ ...parent })),
      hostnames: [...gateway.hostnames],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ name, port: SERVICE_PORT.port }],
        },
      ],
    },
  };
}
