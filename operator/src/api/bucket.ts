import * as z from 'zod';
import { looksLikeIPv4, NOT_IPV4_CEL } from './names.ts';
import { withRules } from './rules.ts';

/** "Bucket naming rules", Amazon S3 User Guide. Access point aliases have the same form. */
const bucketName = withRules(
  z
    .string()
    .min(3)
    .max(63)
    .regex(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/, {
      error:
        'must be a bucket name: lower-case letters, digits, "." and "-", beginning and ending with a letter or digit',
    })
    .describe('Name of the bucket, 3 to 63 characters, or an access point alias.'),
  {
    cel: "!self.contains('..')",
    message: 'a bucket name has no two adjacent periods',
    holds: (name) => !name.includes('..'),
  },
  {
    cel: NOT_IPV4_CEL,
    message: 'a bucket name must not look like an IP address',
    holds: (name) => !looksLikeIPv4(name),
  },
);

const PORT = '(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?';

/** A host whose last label is a number can only be an IPv4 address (WHATWG URL, "ends in a number"). */
const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const NUMERIC_URL = '^https?://([^/]*[.])?[0-9]+(:[0-9]+)?(/.*)?$';
const IPV4_URL = `^https?://${BYTE}[.]${BYTE}[.]${BYTE}[.]${BYTE}(:[0-9]+)?(/.*)?$`;

const endpointUrl = withRules(
  z
    .string()
    .max(512)
    .regex(
      new RegExp(
        `^https?://([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])${PORT}(/[A-Za-z0-9._~/-]*)?$`,
      ),
      {
        error:
          'must be an http or https URL without user, query and fragment, such as https://s3.example.com',
      },
    )
    .describe('URL of an S3-compatible store, such as https://minio.example.com:9000. Absent: AWS.'),
  {
    cel: `!self.matches('${NUMERIC_URL}') || self.matches('${IPV4_URL}')`,
    message: 'must be a URL with a host name or an IP address',
    holds: (url) =>
      URL.canParse(url) && (!new RegExp(NUMERIC_URL).test(url) || new RegExp(IPV4_URL).test(url)),
  },
);

export const bucketSchema = z
  .object({
    name: bucketName,
    region: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, {
        error: 'must be a region such as eu-west-1',
      })
      .default('us-east-1')
      .describe('Region of the bucket, such as eu-west-1. S3-compatible stores mostly accept the default.'),
    endpoint: endpointUrl.optional(),
    forcePathStyle: z
      .boolean()
      .default(false)
      .describe(
        'Address the bucket as a path segment (https://host/bucket/key), as most S3-compatible stores need, instead of as a host name.',
      ),
    prefix: z
      .string()
      .max(512)
      .regex(/^([^\p{Cc}/][^\p{Cc}]*)?$/u, {
        error: 'must not begin with "/" nor hold control characters',
      })
      .default('')
      .describe(
        'Folder of the bucket to publish, such as "public/": GET /a.jpg reads the object public/a.jpg. Nothing outside of it can be read. A "/" at its end is added if missing.',
      ),
    requestPayer: z
      .boolean()
      .default(false)
      .describe("Pay for requests to somebody else's requester-pays bucket."),
  })
  .describe('The bucket to publish.');
