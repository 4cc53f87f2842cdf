import type { V1LabelSelector } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { S3ProxySpec } from '../api/spec.ts';
import type { KubeObject } from '../kube/objects.ts';
import { withoutEmptyLists } from './empty-values.ts';
import { childMetadata, selectorLabels } from './labels.ts';
import type { Json } from './manifest.ts';

interface Peer {
  namespaceSelector?: Json<V1LabelSelector> | undefined;
  podSelector?: Json<V1LabelSelector> | undefined;
  ipBlock?: { cidr: string } | undefined;
}

interface IngressRule {
  /** Absent: everybody. */
  from?: Peer[] | undefined;
  ports: { port: string; protocol: 'TCP' }[];
}

/** networking.k8s.io/v1 NetworkPolicy; the client library's type misnames `from`. */
export interface NetworkPolicyManifest extends KubeObject {
  spec: { podSelector: Json<V1LabelSelector>; policyTypes: ['Ingress']; ingress: IngressRule[] };
}

export interface NetworkPolicyInputs {
  /** Namespace of the operator, which reads the proxies' reports. */
  operatorNamespace: string;
}

type GivenPeer = NonNullable<S3ProxySpec['networkPolicy']['allowFrom']>[number];

/** The NetworkPolicy; undefined when it is not wanted. */
export function buildNetworkPolicy(
  s3proxy: ValidS3Proxy,
  { operatorNamespace }: NetworkPolicyInputs,
): NetworkPolicyManifest | undefined {
  const { enabled, allowFrom = [], allowMetricsFrom = [] } = s3proxy.spec.networkPolicy;
  if (!enabled) return undefined;
  const { name } = s3proxy.metadata;
  const operator = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } },
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      podSelector: { matchLabels: selectorLabels(name) },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: allowFrom.length === 0 ? undefined : allowFrom.map(peerOf),
          ports: [{ port: 'http', protocol: 'TCP' }],
        },
        {
          from: [operator, ...allowMetricsFrom.map(peerOf)],
          ports: [{ port: 'management', protocol: 'TCP' }],
        },
      ],
    },
  };
}

function peerOf({ cidr, namespaceSelector, podSelector }: GivenPeer): Peer {
  return cidr === undefined ? withoutEmptyLists({ namespaceSelector, podSelector }) : { ipBlock: { cidr } };
}
