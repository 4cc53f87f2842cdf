import { RESERVED_HEADERS } from '@s3proxy/proxy/content-config';
import * as z from 'zod';
import { listMap } from './lists.ts';
import { withRules } from './rules.ts';

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerName = z.string().min(1).max(128).regex(TOKEN, { error: 'must be a header name' });
const headerValue = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[!-~]([ -~]*[!-~])?$/, { error: 'must be printable ASCII, not beginning or ending with a space' });
const glob = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}]+$/u, { error: 'must not hold control characters' });

function objectKey(description: string) {
  return z
    .string()
    .min(1)
    .max(512)
    .regex(/^[^\p{Cc}/][^\p{Cc}]*$/u, { error: 'must be a key that does not begin with "/"' })
    .optional()
    .describe(description);
}

const cacheControlRule = z.object({
  match: glob.describe(
    'Glob over the path without its first slash, such as "assets/**": *, **, ?, [a-z] and {a,b}.',
  ),
  value: headerValue.describe('Cache-Control to send, such as "public, max-age=3600".'),
  override: z.boolean().default(false).describe("Takes precedence over the object's own Cache-Control."),
});

const header = z.object({
  name: withRules(headerName.describe('Name of the header.'), {
    cel: `!(self.lowerAscii() in ${JSON.stringify(RESERVED_HEADERS)})`,
    message: 'the proxy itself sets this header',
    holds: (name) => !RESERVED_HEADERS.includes(name.toLowerCase()),
  }),
  value: headerValue.describe('Its value.'),
});

const cors = withRules(
  z
    .object({
      allowOrigins: z
        .array(
          z
            .string()
            .max(512)
            .regex(/^([*]|null|[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9.:_[\]-]+)$/, {
              error: 'must be "*" or an origin such as https://www.example.com',
            }),
        )
        .min(1)
        .max(32)
        .describe(
          'Origins whose scripts may read the objects, such as https://www.example.com; "*" for all.',
        ),
      allowHeaders: z
        .array(headerName)
        .max(32)
        .default([])
        .describe('Request headers that scripts may send, beyond the safe ones.'),
      exposeHeaders: z
        .array(headerName)
        .max(32)
        .default([])
        .describe('Response headers that scripts may read, beyond the safe ones.'),
      allowCredentials: z
        .boolean()
        .default(false)
        .describe('Lets browsers send the user name and password. Needs named origins.'),
      maxAgeSeconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(600)
        .describe('How long a browser may keep the answer to a preflight.'),
    })
    .describe('Access for scripts of other origins (CORS), preflights included.'),
  {
    cel: "!self.allowCredentials || !('*' in self.allowOrigins)",
    message: 'allowCredentials needs named origins instead of "*"',
    fieldPath: '.allowOrigins',
    holds: ({ allowCredentials, allowOrigins }) => !(allowCredentials && allowOrigins.includes('*')),
  },
);

const precompressed = z
  .object({
    encodings: z
      .array(z.enum(['br', 'zstd', 'gzip']))
      .min(1)
      .max(3)
      .default(['br', 'zstd', 'gzip'])
      .describe('Variants looked for, best first: KEY.br, KEY.zst and KEY.gz.'),
    match: z
      .array(glob)
      .min(1)
      .max(32)
      .optional()
      .describe('Globs of paths for which variants are looked for. Absent: the usual text formats.'),
  })
  .describe('Sends variants of objects that were compressed beforehand, by Accept-Encoding.');

export const contentSchema = z
  .object({
    indexDocument: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[^\p{Cc}/]+$/u, { error: 'must be a file name without "/"' })
      .optional()
      .describe('Object that answers for its folder, such as index.html; GET /dir is redirected to /dir/.'),
    errorDocument: objectKey('Key of the object sent, with status 404, when there is no such key.'),
    spaFallback: objectKey(
      'Key of the object sent, with status 200, for pages that are no key: the entry of a single-page application.',
    ),
    directoryListing: z.boolean().default(false).describe('Lists the keys of a folder, as HTML or JSON.'),
    cacheControl: z
      .array(cacheControlRule)
      .max(32)
      .default([])
      .describe('Cache-Control by path. The first rule that matches counts.'),
    cors: cors.optional(),
    headers: withRules(
      listMap(
        z.array(header).max(32).describe('Headers added to every response, such as Content-Security-Policy.'),
        'name',
      ),
      {
        cel: 'self.all(each, self.exists_one(other, other.name.lowerAscii() == each.name.lowerAscii()))',
        message: 'names a header twice; upper and lower case are the same in HTTP',
        holds: (headers) => new Set(headers.map(({ name }) => name.toLowerCase())).size === headers.length,
      },
    ).default([]),
    metadata: z
      .array(
        z
          .string()
          .min(1)
          .max(128)
          .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, {
            error: 'must be a metadata name in lower case, without x-amz-meta-',
          }),
      )
      .max(32)
      .default([])
      .describe('User metadata that is sent, as x-amz-meta-NAME. All other metadata stays inside.'),
    download: z
      .array(glob)
      .max(32)
      .default([])
      .describe('Globs of paths that browsers save instead of show.'),
    precompressed: precompressed.optional(),
    websiteRedirects: z
      .boolean()
      .default(false)
      .describe("Follows objects' x-amz-website-redirect-location with status 301."),
    publishHealthKey: z
      .boolean()
      .default(false)
      .describe('Serves the object named health under /health, which otherwise is the liveness check.'),
  })
  .describe('How objects are presented. Absent: each path is a key, and nothing else.');
