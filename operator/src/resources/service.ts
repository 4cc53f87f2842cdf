import type { V1ServiceSpec } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { childMetadata, selectorLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';

export type ServiceManifest = Manifest<V1ServiceSpec>;

/** The Service's one port. The management port stays off it: no Ingress can reach it by mistake. */
export const SERVICE_PORT = { name: 'http', port: 80 } as const;

/** The Service in front of the proxy pods. */
export function buildService(s3proxy: ValidS3Proxy): ServiceManifest {
  const { name } = s3proxy.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(name),
      ports: [{ ...SERVICE_PORT, protocol: 'TCP', appProtocol: 'http', targetPort: 'http' }],
    },
  };
}
