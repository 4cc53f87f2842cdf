import { z } from 'zod';
import type { Manifest } from './helm.ts';

const deployment = z.object({
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({ type: z.string() }).optional(),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        serviceAccountName: z.string(),
        securityContext: z.looseObject({}),
        nodeSelector: z.record(z.string(), z.string()).optional(),
        topologySpreadConstraints: z.array(z.looseObject({})).optional(),
        containers: z.tuple([
          z.object({
            image: z.string(),
            imagePullPolicy: z.string(),
            env: z.array(
              z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }),
            ),
            ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
            securityContext: z.looseObject({}),
          }),
        ]),
      }),
    }),
  }),
});

/** What the tests read of the operator's Deployment. */
export function parseDeployment(manifest: Manifest) {
  const { spec } = deployment.parse(manifest);
  const [container] = spec.template.spec.containers;
  return {
    ...spec,
    pod: spec.template.spec,
    container,
    /** The environment as the operator will see it, with a stand-in for what comes from the pod itself. */
    environment: Object.fromEntries(
      // The API server leaves an empty value out.
      container.env.map(({ name, value, valueFrom }) => [
        name,
        value ?? (valueFrom === undefined ? '' : 'from-the-pod'),
      ]),
    ),
  };
}
