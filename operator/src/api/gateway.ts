import * as z from 'zod';
import { hostName } from './ingress.ts';
import { DNS_LABEL, objectName } from './names.ts';

const parentRef = z.object({
  name: objectName.describe('Name of the Gateway.'),
  namespace: z
    .string()
    .min(1)
    .max(63)
    .regex(DNS_LABEL, { error: 'must be the name of a namespace' })
    .optional()
    .describe(
      "The Gateway's namespace; its listener must allow routes from the S3Proxy's. Absent: the S3Proxy's.",
    ),
  sectionName: objectName.optional().describe('One listener of the Gateway. Absent: all that fit.'),
  port: z.int().min(1).max(65535).optional().describe('Only listeners on this port.'),
});

export const gatewaySchema = z
  .object({
    parentRefs: z.array(parentRef).min(1).max(8).describe('Gateways that the route attaches to.'),
    hostnames: z.array(hostName).min(1).max(16).describe('Host names under which the bucket is published.'),
  })
  .describe(
    'Publishes the bucket by an HTTPRoute as well, where the Gateway API is installed. Without an Ingress, set ingress.enabled: false.',
  );
