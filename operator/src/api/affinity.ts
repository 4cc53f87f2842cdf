import * as z from 'zod';
import { labelKey } from './metadata.ts';
import { labelRequirement, labelSelector } from './selectors.ts';

const weight = z.int().min(1).max(100).describe('How much this one counts, 1 to 100.');

const nodeTerm = z.object({
  matchExpressions: z
    .array(labelRequirement)
    .min(1)
    .max(16)
    .describe("Conditions on the node's labels, all of which must hold."),
});

const podTerm = z.object({
  topologyKey: labelKey.describe(
    'Label of nodes. Nodes with the same value are one place, as with kubernetes.io/hostname.',
  ),
  labelSelector: labelSelector("The pods to be near to or far from, in the S3Proxy's namespace."),
});

function podRules(near: string) {
  return z
    .object({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .array(podTerm)
        .max(8)
        .optional()
        .describe(`Pods that a node must be ${near}.`),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(z.object({ weight, podAffinityTerm: podTerm.describe('The pods.') }))
        .max(8)
        .optional()
        .describe(`Pods that a node should be ${near}.`),
    })
    .optional()
    .describe(`Pods to be ${near}.`);
}

/** The part of core/v1 Affinity that has a use here, in its own words. */
export const affinitySchema = z
  .object({
    nodeAffinity: z
      .object({
        requiredDuringSchedulingIgnoredDuringExecution: z
          .object({
            nodeSelectorTerms: z.array(nodeTerm).min(1).max(8).describe('Terms, one of which must hold.'),
          })
          .optional()
          .describe('What a node must be like.'),
        preferredDuringSchedulingIgnoredDuringExecution: z
          .array(z.object({ weight, preference: nodeTerm.describe('The nodes.') }))
          .max(8)
          .optional()
          .describe('What a node should be like.'),
      })
      .optional()
      .describe('Nodes to run on, by their labels.'),
    podAffinity: podRules('near'),
    podAntiAffinity: podRules('far from'),
  })
  .describe('Where pods are put (core/v1 Affinity).');
