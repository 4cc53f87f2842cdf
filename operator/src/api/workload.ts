import * as z from 'zod';
import { listMap } from './lists.ts';
import { localReference } from './names.ts';
import { withRules } from './rules.ts';

export const imageSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?(\/[A-Za-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    { error: 'must be an image reference such as registry.example.com/s3proxy-proxy:1.2.3' },
  )
  .describe("Image of the proxy, in full. Absent: the operator's own version of it.");

export const imagePullPolicySchema = z
  .enum(['Always', 'IfNotPresent', 'Never'])
  .describe("When the image is pulled. Absent: Kubernetes' own default, which depends on the tag.");

export const imagePullSecretsSchema = listMap(
  z
    .array(localReference('Secret'))
    .max(8)
    .describe('Secrets of type kubernetes.io/dockerconfigjson with which the image is pulled.'),
  'name',
);

export const replicasSchema = z
  .int()
  .min(0)
  .max(1000)
  .default(1)
  .describe(
    'Number of proxy pods; 0 stops the proxy. Use 2 or more to survive the loss of a node. Ignored with autoscaling.',
  );

const utilization = z.int().min(1).max(1000);

export const autoscalingSchema = withRules(
  z
    .object({
      minReplicas: z.int().min(1).max(1000).default(1).describe('Fewest pods.'),
      maxReplicas: z.int().min(1).max(1000).describe('Most pods.'),
      targetCPUUtilizationPercentage: utilization
        .default(80)
        .describe(
          'Average use of CPU that is aimed at, in percent of resources.requests.cpu: raise that from its small default.',
        ),
      targetMemoryUtilizationPercentage: utilization
        .optional()
        .describe('Average use of memory that is aimed at, in percent of resources.requests.memory.'),
    })
    .describe('A HorizontalPodAutoscaler sets the number of pods. Absent: replicas does.'),
  {
    cel: 'self.maxReplicas >= self.minReplicas',
    message: 'maxReplicas must not be less than minReplicas',
    fieldPath: '.maxReplicas',
    holds: ({ minReplicas, maxReplicas }) => maxReplicas >= minReplicas,
  },
);

function podCount(description: string) {
  return z
    .union(
      [
        z.int().min(0).max(1000),
        z
          .string()
          .max(4)
          .regex(/^(100|[1-9]?[0-9])%$/),
      ],
      {
        error: 'must be a number of pods or a percentage such as 50%',
      },
    )
    .optional()
    .describe(description)
    .meta({ 'x-kubernetes-int-or-string': true });
}

export const podDisruptionBudgetSchema = withRules(
  z
    .object({
      enabled: z
        .boolean()
        .default(true)
        .describe(
          'Whether a PodDisruptionBudget is wanted. There is none where there never is more than one pod: nothing could be kept.',
        ),
      minAvailable: podCount('Pods that must stay when nodes are drained, as a number or percentage.'),
      maxUnavailable: podCount('Pods that may be gone at once. Default, if minAvailable is absent: 1.'),
    })
    .describe('How many pods a drained node may take away.'),
  {
    cel: '!(has(self.minAvailable) && has(self.maxUnavailable))',
    message: 'set minAvailable or maxUnavailable, not both',
    fieldPath: '.maxUnavailable',
    holds: ({ minAvailable, maxUnavailable }) => minAvailable === undefined || maxUnavailable === undefined,
  },
);

export const loggingSchema = z
  .object({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('The least level that is logged.'),
    access: z.boolean().default(true).describe('Whether each request is logged, as one line of JSON.'),
  })
  .describe('What the proxy logs.');
