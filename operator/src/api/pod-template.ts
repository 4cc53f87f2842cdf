import * as z from 'zod';
import { affinitySchema } from './affinity.ts';
import { listMap } from './lists.ts';
import { addedAnnotations, addedLabels, labelKey, labels, labelValue } from './metadata.ts';
import { objectName } from './names.ts';
import { withRules } from './rules.ts';

const toleration = withRules(
  z.object({
    key: labelKey.optional().describe('Key of the taint. Absent, with Exists: every taint.'),
    operator: z.enum(['Exists', 'Equal']).default('Equal').describe('Whether the value is compared.'),
    value: labelValue.optional().describe('Value of the taint, with Equal.'),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .optional()
      .describe('Effect of the taint. Absent: each.'),
    tolerationSeconds: z
      .int()
      .min(0)
      .max(31_536_000)
      .optional()
      .describe('How long a NoExecute taint is tolerated. Absent: for ever.'),
  }),
  {
    cel: "self.operator != 'Exists' || !has(self.value)",
    message: 'with the operator Exists there is no value',
    fieldPath: '.value',
    holds: ({ operator, value }) => operator !== 'Exists' || value === undefined,
  },
  {
    cel: "has(self.key) || self.operator == 'Exists'",
    message: 'without a key the operator must be Exists',
    fieldPath: '.operator',
    holds: ({ key, operator }) => key !== undefined || operator === 'Exists',
  },
  {
    cel: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
    message: 'tolerationSeconds is for the effect NoExecute',
    fieldPath: '.tolerationSeconds',
    holds: ({ tolerationSeconds, effect }) => tolerationSeconds === undefined || effect === 'NoExecute',
  },
);

const topologySpread = z.object({
  topologyKey: labelKey.describe('Label of nodes. Pods are spread over its values.'),
  maxSkew: z.int().min(1).max(1000).default(1).describe('Largest difference in pods between two values.'),
  whenUnsatisfiable: z
    .enum(['DoNotSchedule', 'ScheduleAnyway'])
    .describe('Whether a pod waits rather than break the rule.'),
});

/** Settings of the proxy's pods beyond what the operator itself decides. */
export const podTemplateSchema = z
  .object({
    labels: addedLabels(
      'Labels added to the pods. app.kubernetes.io/* and s3proxy.dev/* are taken.',
    ).optional(),
    annotations: addedAnnotations('Annotations added to the pods. s3proxy.dev/* is taken.').optional(),
    nodeSelector: labels('Labels that a node must have.').optional(),
    tolerations: z
      .array(toleration)
      .max(16)
      .optional()
      .describe('Taints of nodes that do not keep the pods away.'),
    affinity: affinitySchema.optional(),
    topologySpreadConstraints: listMap(
      z
        .array(topologySpread)
        .max(8)
        .describe('How pods are spread. Absent: over nodes and zones where possible. Empty: not at all.'),
      'topologyKey',
      'whenUnsatisfiable',
    ).optional(),
    priorityClassName: objectName
      .optional()
      .describe("PriorityClass of the pods. Absent: the cluster's default."),
    terminationGracePeriodSeconds: z
      .int()
      .min(20)
      .max(86_400)
      .default(120)
      .describe(
        'How long a pod that is to go may take to finish its downloads. It goes as soon as none is left.',
      ),
  })
  .describe("Settings of the proxy's pods.");
