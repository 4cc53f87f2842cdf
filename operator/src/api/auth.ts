import * as z from 'zod';
import { localReference } from './names.ts';
import { withRules } from './rules.ts';

/** RFC 7617 §2: a user-id holds no colon. Printable ASCII, so that every client and htpasswd reader agrees on its bytes. */
const userName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[!"$-9;-~][!-9;-~]*$/, {
    error: 'must be printable ASCII without spaces and ":", not beginning with "#"',
  });

/** How ingress controllers are told to ask for a password. */
export const INGRESS_AUTH_DRIVERS = ['IngressNginx', 'Traefik', 'HAProxy', 'F5Nginx'] as const;

const basicAuthSchema = withRules(
  z
    .object({
      enabled: z.boolean().default(true).describe('false: anybody who reaches the proxy reads the bucket.'),
      secretRef: localReference('Secret')
        .optional()
        .describe(
          'Secret that holds the credentials: type kubernetes.io/basic-auth with username and password, or an htpasswd file with many users under the key htpasswd. A change takes effect without a restart. Absent: the Secret <name>-basic-auth is generated once and kept; the annotation s3proxy.dev/rotate-password on the S3Proxy, set to a new value, gives it a new password.',
        ),
      username: userName
        .default('s3proxy')
        .describe('User name of generated credentials. A referenced Secret brings its own.'),
      realm: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[A-Za-z0-9]([A-Za-z0-9 ._:,@()/+-]*[A-Za-z0-9.)])?$/, {
          error: 'must be letters, digits, spaces and . _ : , @ ( ) / + -',
        })
        .default('s3proxy')
        .describe('Realm that browsers show when they ask for the password.'),
      enforcement: z
        .enum(['Proxy', 'Ingress'])
        .default('Proxy')
        .describe(
          'Who asks for the password. Proxy works behind every ingress controller. With Ingress the controller does, and whoever reaches the Service past it reads the bucket: see networkPolicy.',
        ),
      driver: z
        .enum(INGRESS_AUTH_DRIVERS)
        .optional()
        .describe(
          "The controller to be told, with enforcement Ingress: IngressNginx (also Traefik's provider for its annotations), Traefik (a Middleware), HAProxy (haproxy.org) or F5Nginx (nginx.org).",
        ),
    })
    .describe('HTTP basic authentication (RFC 7617).'),
  {
    cel: "!has(self.enforcement) || (self.enforcement == 'Ingress') == has(self.driver)",
    message: 'set driver with enforcement Ingress, and only with it',
    fieldPath: '.driver',
    holds: ({ enforcement, driver }) => (enforcement === 'Ingress') === (driver !== undefined),
  },
);

export const authSchema = z.object({ basic: basicAuthSchema.prefault({}) }).describe('Who may read.');
