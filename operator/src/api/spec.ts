import * as z from 'zod';
import { authSchema } from './auth.ts';
import { bucketSchema } from './bucket.ts';
import { cacheSchema } from './cache.ts';
import { resourcesSchema } from './compute.ts';
import { contentSchema } from './content.ts';
import { credentialsSchema } from './credentials.ts';
import { gatewaySchema } from './gateway.ts';
import { ingressSchema } from './ingress.ts';
import { networkPolicySchema } from './network-policy.ts';
import { podTemplateSchema } from './pod-template.ts';
import { compareQuantities } from './quantity.ts';
import { quantityCel } from './quantity-field.ts';
import { type Rule, withRules } from './rules.ts';
import {
  autoscalingSchema,
  imagePullPolicySchema,
  imagePullSecretsSchema,
  imageSchema,
  loggingSchema,
  podDisruptionBudgetSchema,
  replicasSchema,
} from './workload.ts';

const TARGETS = {
  cpu: 'targetCPUUtilizationPercentage',
  memory: 'targetMemoryUtilizationPercentage',
} as const;

/** The parts of a spec that tell what pods are scaled by. */
interface Scaled {
  autoscaling?: z.output<typeof autoscalingSchema> | undefined;
  resources: z.output<typeof resourcesSchema>;
}

// Rules stand here and not on the block that they speak of when the block's default, {}, would break them: the API server
// judges a default before it fills in those inside of it.
export const specSchema = withRules(
  z
    .object({
      bucket: bucketSchema,
      credentials: credentialsSchema.prefault({}),
      ingress: ingressSchema.prefault({}),
      gateway: gatewaySchema.optional(),
      auth: authSchema.prefault({}),
      content: contentSchema.optional(),
      cache: cacheSchema.optional(),
      image: imageSchema.optional(),
      imagePullPolicy: imagePullPolicySchema.optional(),
      imagePullSecrets: imagePullSecretsSchema.optional(),
      replicas: replicasSchema,
      autoscaling: autoscalingSchema.optional(),
      resources: resourcesSchema.prefault({}),
      podDisruptionBudget: podDisruptionBudgetSchema.prefault({}),
      networkPolicy: networkPolicySchema.prefault({}),
      podTemplate: podTemplateSchema.prefault({}),
      logging: loggingSchema.prefault({}),
      suspend: z
        .boolean()
        .default(false)
        .describe(
          'true: the operator leaves everything as it is, and only says so in the conditions, until this is false again. What exists keeps serving.',
        ),
    })
    .describe('What is wanted.'),
  {
    cel: '!self.ingress.enabled || has(self.ingress.host)',
    message: 'host is required while the Ingress is enabled; set it, or set ingress.enabled: false',
    fieldPath: '.ingress.host',
    holds: ({ ingress }) => !ingress.enabled || ingress.host !== undefined,
  },
  {
    cel: "self.auth.basic.enforcement != 'Ingress' || !self.auth.basic.enabled || (self.ingress.enabled && !has(self.gateway))",
    message:
      'enforcement Ingress needs the Ingress, and no gateway beside it: nobody would ask for a password there',
    fieldPath: '.auth.basic.enforcement',
    holds: ({ auth, ingress, gateway }) =>
      auth.basic.enforcement !== 'Ingress' ||
      !auth.basic.enabled ||
      (ingress.enabled && gateway === undefined),
  },
  {
    cel: `!has(self.cache) || !has(self.resources.limits) || !has(self.resources.limits.memory) || ${quantityCel('self.cache.memory')}.isLessThan(${quantityCel('self.resources.limits.memory')})`,
    message: 'cache.memory must be less than the limit for memory, which the proxy needs for itself too',
    fieldPath: '.cache.memory',
    holds: ({ cache, resources }) =>
      cache === undefined ||
      resources.limits?.memory === undefined ||
      compareQuantities(cache.memory, resources.limits.memory) < 0,
  },
  ...(['cpu', 'memory'] as const).map(requestForAutoscaling),
);

/** What is aimed at is a share of the request: of nothing there is none, and the HorizontalPodAutoscaler would stand still. */
function requestForAutoscaling(name: 'cpu' | 'memory'): Rule<Scaled> {
  const request = `self.resources.requests.${name}`;
  const target = TARGETS[name];
  return {
    cel: `!has(self.autoscaling) || !has(self.autoscaling.${target}) || !has(self.resources.requests) || !has(${request}) || ${quantityCel(request)}.isGreaterThan(quantity('0'))`,
    message: `the request for ${name} must be more than 0, for autoscaling.${target} is a share of it`,
    fieldPath: `.resources.requests.${name}`,
    holds({ autoscaling, resources: { requests } }) {
      const requested = requests?.[name];
      return (
        autoscaling?.[target] === undefined || requested === undefined || compareQuantities(requested, 0) > 0
      );
    },
  };
}

/** A spec as the API server or a user gives it. */
export type S3ProxySpecInput = z.input<typeof specSchema>;
/** A spec with every default filled in. */
export type S3ProxySpec = z.output<typeof specSchema>;
