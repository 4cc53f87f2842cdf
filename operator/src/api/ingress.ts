import * as z from 'zod';
import { addedAnnotations, annotationValue } from './metadata.ts';
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

const certManagerSchema = z
  .object({
    issuerRef: z
      .object({
        name: objectName.describe('Name of the issuer.'),
        kind: z
          .string()
          .min(1)
          .max(63)
          .regex(/^[A-Za-z][A-Za-z0-9]*$/, { error: 'must be a kind such as ClusterIssuer' })
          .default('Issuer')
          .describe("Issuer (in the S3Proxy's namespace), ClusterIssuer, or an external issuer's kind."),
        group: objectName.default('cert-manager.io').describe("The kind's API group."),
      })
      .describe('The issuer that signs the certificate.'),
  })
  .describe(
    'A cert-manager Certificate is created for the host; cert-manager keeps its Secret, <name>-certificate, and renews it.',
  );

const tlsMembers = ['selfSigned', 'secretName', 'certManager', 'disabled'] as const;

/** No default stands in the CRD: a stored default would collide with the member that a later `kubectl apply` sets. */
const tlsSchema = withRules(
  z
    .object({
      selfSigned: z
        .object({})
        .optional()
        .describe(
          "A certificate signed by a CA of the S3Proxy's own, which is kept in the Secret <name>-ca. The certificate is renewed before it expires; the CA keeps its name and its key when it is renewed after two thirds of its ten years, so that clients have the last third to take up the new ca.crt of the Secret <name>-tls. Delete <name>-ca for a new key. This is the default.",
        ),
      secretName: objectName
        .optional()
        .describe("Secret of type kubernetes.io/tls that somebody else keeps, in the S3Proxy's namespace."),
      certManager: certManagerSchema.optional(),
      disabled: z
        .boolean()
        .optional()
        .describe('true: plain HTTP, or TLS that the ingress controller or load balancer ends by itself.'),
    })
    .describe('How the Ingress gets its certificate: at most one member. Absent or empty: selfSigned.'),
  {
    cel: '[has(self.selfSigned), has(self.secretName), has(self.certManager), has(self.disabled) && self.disabled].filter(set, set).size() <= 1',
    message: 'set at most one of selfSigned, secretName, certManager and disabled',
    holds: (tls) => tlsMembers.filter((name) => tls[name] !== undefined && tls[name] !== false).length <= 1,
  },
);

/**
 * In the names of annotations by which an Ingress puts configuration of its own into a controller that others share: ingress-nginx's,
 * F5's and HAProxy's snippets, and what haproxy-ingress calls them.
 */
const SNIPPET = 'snippet|/config-(backend|defaults|frontend|global|proxy|sections|tcp)';
const SNIPPET_NAME = new RegExp(SNIPPET);

const ingressAnnotations = withRules(
  addedAnnotations(
    'Annotations for the Ingress. Refused are configuration snippets, Secrets of other namespaces, kubernetes.io/ingress.class (use className) and s3proxy.dev/*.',
    // A line break would begin a directive of its own in the configuration of a controller that writes values as they are.
    annotationValue.regex(/^[^\p{Cc}]*$/u, {
      error: 'must not hold line breaks and other control characters',
    }),
  ),
  {
    cel: `self.all(key, !key.matches('${SNIPPET}'))`,
    message: 'configuration snippets are not allowed: they would reconfigure a controller that others share',
    holds: (annotations) => Object.keys(annotations).every((key) => !SNIPPET_NAME.test(key)),
  },
  {
    cel: "!('kubernetes.io/ingress.class' in self)",
    message: 'use className instead of kubernetes.io/ingress.class',
    holds: (annotations) => annotations['kubernetes.io/ingress.class'] === undefined,
  },
);

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
