import type { V1PodDisruptionBudgetSpec } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { childMetadata, selectorLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';

/** The PodDisruptionBudget; undefined when it is not wanted, or there never is more than one pod: nothing can be kept then. */
export function buildPodDisruptionBudget(
  s3proxy: ValidS3Proxy,
): Manifest<V1PodDisruptionBudgetSpec> | undefined {
  const { podDisruptionBudget, autoscaling, replicas } = s3proxy.spec;
  const { enabled, minAvailable, maxUnavailable } = podDisruptionBudget;
  if (!enabled || (autoscaling?.maxReplicas ?? replicas) < 2) return undefined;
  const { name } = s3proxy.metadata;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      selector: { matchLabels: selectorLabels(name) },
      ...(minAvailable === undefined ? { maxUnavailable: maxUnavailable ?? 1 } : { minAvailable }),
      // A pod that does not serve protects nothing, and would hold a drain up for ever.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
