import type { V2HorizontalPodAutoscalerSpec } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { childMetadata } from './labels.ts';
import type { Manifest } from './manifest.ts';

/** The HorizontalPodAutoscaler; undefined when the number of pods is fixed. */
export function buildHorizontalPodAutoscaler(
  s3proxy: ValidS3Proxy,
): Manifest<V2HorizontalPodAutoscalerSpec> | undefined {
  const { autoscaling } = s3proxy.spec;
  if (autoscaling === undefined) return undefined;
  const { name } = s3proxy.metadata;
  const targets = {
    cpu: autoscaling.targetCPUUtilizationPercentage,
    memory: autoscaling.targetMemoryUtilizationPercentage,
  };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: autoscaling.minReplicas,
      maxReplicas: autoscaling.maxReplicas,
      metrics: Object.entries(targets).flatMap(([resource, averageUtilization]) =>
        averageUtilization === undefined
          ? []
          : [
              {
                type: 'Resource',
                resource: { name: resource, target: { type: 'Utilization', averageUtilization } },
              },
            ],
      ),
    },
  };
}
