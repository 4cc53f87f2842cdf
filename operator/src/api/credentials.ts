import * as z from 'zod';
import { localReference, objectName } from './names.ts';
import { withRules } from './rules.ts';

/** Key of a Secret. */
function secretKey(holds: string, byDefault: string) {
  return z
    .string()
    .min(1)
    .max(253)
    .regex(/^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*$/, {
      error: 'must be a key of a Secret: letters, digits, "-", "_" and "."',
    })
    .default(byDefault)
    .describe(`Key of the Secret that holds the ${holds}.`);
}

const secretRef = localReference('Secret').extend({
  accessKeyIdKey: secretKey('access key id', 'AWS_ACCESS_KEY_ID'),
  secretAccessKeyKey: secretKey('secret access key', 'AWS_SECRET_ACCESS_KEY'),
  sessionTokenKey: secretKey('session token, read if the Secret has it', 'AWS_SESSION_TOKEN'),
});

const members = ['secretRef', 'serviceAccountName', 'roleArn'] as const;

export const credentialsSchema = withRules(
  z
    .object({
      secretRef: secretRef
        .optional()
        .describe('Secret with static keys. A change of it restarts the proxy, one pod at a time.'),
      serviceAccountName: objectName
        .optional()
        .describe(
          'ServiceAccount that the proxy runs as. It is used as it is: annotate it for IRSA, or associate it with a role for EKS Pod Identity. Who sets it must be allowed to create pods, or to use the account.',
        ),
      roleArn: z
        .string()
        .max(2048)
        .regex(/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_/-]+$/, {
          error: 'must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/photos',
        })
        .optional()
        .describe(
          "IAM role for IRSA. A ServiceAccount of the S3Proxy's name is created and annotated with it; the role must trust it.",
        ),
    })
    .describe(
      'Where the proxy gets its AWS credentials: at most one of secretRef, serviceAccountName and roleArn. With none, the pod has what its node or EKS Pod Identity gives to a ServiceAccount named like the S3Proxy.',
    ),
  {
    cel: `[${members.map((name) => `has(self.${name})`).join(', ')}].filter(set, set).size() <= 1`,
    message: 'set at most one of secretRef, serviceAccountName and roleArn',
    holds: (value) => members.filter((name) => value[name] !== undefined).length <= 1,
  },
);
