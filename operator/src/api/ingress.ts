import * as z from 'zod';
import { DNS_SUBDOMAIN, looksLikeIPv4, NOT_IPV4_CEL, objectName } from './names.ts';
import { withRules } from './rules.ts';

/** A host name in full: no wildcard, since status.url names it; no IP address, since an Ingress takes none. */
export const hostName = withRules(
  z
    .string()
    .min(1)
    .max(253)
    .regex(DNS_SUBDOMAIN, { error: 'must be a host name in lower case, such as photos.example.com' }),
  {
    cel: NOT_IPV4_CEL,
    message: 'must be a host name, not an IP address',
    holds: (host) => !looksLikeIPv4(host),
  },
);

const tlsMembers = ['selfSigned', 'secretName', 'disabled'] as const;

/** No default stands in the CRD: a stored default would collide with the member that a later `kubectl apply` sets. */
const tlsSchema = withRules(
  z
    .object({
      selfSigned: z
        .object({})
        .optional()
        .describe(
          'A certificate signed by a CA of the S3Proxy’s own, kept in the Secret <name>-ca; the certificate is renewed before it expires, the CA stays. Clients trust ca.crt of the Secret <name>-tls. This is the default.',
        ),
      secretName: objectName
        .optional()
        .describe('Secret of type kubernetes.io/tls that somebody else keeps, in the S3Proxy’s namespace.'),
      disabled: z
        .boolean()
        .optional()
        .describe('true: plain HTTP, or TLS that the ingress controller or load balancer ends by itself.'),
    })
    .describe('How the Ingress gets its certificate: at most one member. Absent or empty: selfSigned.'),
  {
    cel: '[has(self.selfSigned), has(self.secretName), has(self.disabled) && self.disabled].filter(set, set).size() <= 1',
    message: 'set at most one of selfSigned, secretName and disabled',
    holds: (tls) => tlsMembers.filter((name) => tls[name] !== undefined && tls[name] !== false).length <= 1,
  },
);

/** Annotations with which an Ingress could put configuration of its own into a shared controller. */
const SNIPPET = 'snippet';
const OWN_DOMAIN = 's3proxy.dev/';

const ingressAnnotations = withRules(
  z
    .record(z.string(), z.string().max(4096))
    .describe(
      'Annotations for the Ingress. Refused are configuration snippets, kubernetes.io/ingress.class (use className) and s3proxy.dev/*.',
    ),
  {
    cel: `self.all(key, !key.contains('${SNIPPET}'))`,
    message: 'configuration snippets are not allowed: they would reconfigure a controller that others share',
    holds: (annotations) => Object.keys(annotations).every((key) => !key.includes(SNIPPET)),
  },
  {
    cel: `self.all(key, key != 'kubernetes.io/ingress.class' && !key.startsWith('${OWN_DOMAIN}'))`,
    message: `use className instead of kubernetes.io/ingress.class; ${OWN_DOMAIN}* is the operator's own`,
    holds: (annotations) =>
      Object.keys(annotations).every(
        (key) => key !== 'kubernetes.io/ingress.class' && !key.startsWith(OWN_DOMAIN),
      ),
  },
).meta({ maxProperties: 64 });

export const ingressSchema = z
  .object({
    enabled: z.boolean().default(true).describe('Whether an Ingress is wanted.'),
    host: hostName
      .optional()
      .describe('Host name under which the bucket is published. Required while enabled.'),
    path: z
      .string()
      .max(512)
      .regex(/^(\/\.?[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*\/?$/, {
        error: 'must begin with "/" and hold letters, digits, "-", "_", "~", "." and single slashes alone',
      })
      .min(1)
      .default('/')
      .describe(
        'Only paths below this one are routed to the proxy. It is not cut off: with /a, GET /a/b.jpg reads the object a/b.jpg.',
      ),
    className: objectName.optional().describe("IngressClass to use. Absent: the cluster's default class."),
    annotations: ingressAnnotations.optional(),
    tls: tlsSchema.optional(),
  })
  .describe('How the bucket is published: the Ingress, its host and its certificate.');
