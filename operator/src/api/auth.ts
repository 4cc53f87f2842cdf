import * as z from 'zod';
import { localReference } from './names.ts';

/** RFC 7617 §2: a user-id holds no colon. Printable ASCII, so that every client and htpasswd reader agrees on its bytes. */
export const userName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[!-9;-~]+$/, { error: 'must be printable ASCII without spaces and ":"' });

const basicAuthSchema = z
  .object({
    enabled: z.boolean().default(true).describe('false: anybody who reaches the proxy reads the bucket.'),
    secretRef: localReference('Secret')
      .optional()
      .describe(
        'Secret that holds the credentials: type kubernetes.io/basic-auth with username and password. Absent: the Secret <name>-basic-auth is generated once and never overwritten; delete it to get a new password.',
      ),
    username: userName
      .default('s3proxy')
      .describe('User name of generated credentials. A referenced Secret brings its own.'),
    realm: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[ !#-[\]-~]+$/, { error: 'must be printable ASCII without quotes and backslashes' })
      .default('s3proxy')
      .describe('Realm that browsers show when they ask for the password.'),
  })
  .describe('HTTP basic authentication (RFC 7617).');

export const authSchema = z.object({ basic: basicAuthSchema.prefault({}) }).describe('Who may read.');
