import { isIP } from 'node:net';
import * as z from 'zod';
import { withRules } from './rules.ts';
import { labelSelector } from './selectors.ts';

const cidr = z
  .string()
  .max(49)
  .regex(
    /^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}\/(3[0-2]|[12]?[0-9])|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*\/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$/,
    { error: 'must be a range of addresses such as 10.0.0.0/8' },
  )
  // A pattern for all of IPv6 would not be readable; the CRD's lets a few through, which the operator then refuses.
  .refine((text) => isIP(text.slice(0, text.indexOf('/'))) !== 0, {
    error: 'must be a range of addresses such as 10.0.0.0/8',
  });

const peer = withRules(
  z.object({
    namespaceSelector: labelSelector(
      'Namespaces, by label; kubernetes.io/metadata.name holds the name. Empty: all.',
    ).optional(),
    podSelector: labelSelector(
      "Pods, by label, in those namespaces. Without namespaceSelector: in the S3Proxy's.",
    ).optional(),
    cidr: cidr.optional().describe('Addresses, such as those of a load balancer: 10.0.0.0/8.'),
  }),
  {
    cel: 'has(self.cidr) ? !has(self.namespaceSelector) && !has(self.podSelector) : has(self.namespaceSelector) || has(self.podSelector)',
    message: 'set cidr, or one or both of namespaceSelector and podSelector',
    holds: ({ cidr, namespaceSelector, podSelector }) =>
      (cidr !== undefined) !== (namespaceSelector !== undefined || podSelector !== undefined),
  },
);

export const networkPolicySchema = z
  .object({
    enabled: z.boolean().default(false).describe('Whether a NetworkPolicy is wanted.'),
    allowFrom: z
      .array(peer)
      .max(16)
      .optional()
      .describe('Who may ask for objects: the ingress controller. Absent or empty: everybody.'),
    allowMetricsFrom: z
      .array(peer)
      .max(16)
      .optional()
      .describe(
        'Who may read metrics on the management port, beside the operator: Prometheus. Absent or empty: nobody else.',
      ),
  })
  .describe('Who may connect to the pods. What they connect to is not limited.');
