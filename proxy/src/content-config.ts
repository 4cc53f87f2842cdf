import * as z from 'zod';

const token = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name');
const headerValue = z
  .string()
  .regex(/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/, 'must be printable ASCII');
const glob = z
  .string()
  .min(1)
  .describe('Glob over the path without its first slash: *, **, ?, [a-z], {a,b}.');
const key = z
  .string()
  .min(1)
  .regex(/^[^/]/, 'must not begin with "/"')
  .describe('Key, relative to the prefix.');

/** Headers that the proxy itself decides: an extra header must not contradict the message it is on. */
export const RESERVED_HEADERS: readonly string[] = [
  'accept-ranges',
  'age',
  'allow',
  'authorization',
  'cache-control',
  'connection',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'keep-alive',
  'last-modified',
  'location',
  'retry-after',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'www-authenticate',
];

const cors = z
  .object({
    allowOrigins: z
      .array(
        z
          .string()
          .regex(/^(?:\*|null|[a-z][a-z0-9+.-]*:\/\/[^/\s*]+)$/, 'must be "*" or scheme://host[:port]'),
      )
      .min(1)
      .describe('Origins that may read the objects; "*" for all.'),
    allowHeaders: z
      .array(token)
      .default([])
      .describe('Request headers that scripts may send, beyond the safe ones.'),
    exposeHeaders: z
      .array(token)
      .default([])
      .describe('Response headers that scripts may read, beyond the safe ones.'),
    allowCredentials: z
      .boolean()
      .default(false)
      .describe('Lets browsers send basic-auth credentials. Needs named origins.'),
    maxAgeSeconds: z
      .number()
      .int()
      .min(0)
      .max(86_400)
      .default(600)
      .describe('How long a browser may keep the answer to a preflight.'),
  })
  .refine(({ allowCredentials, allowOrigins }) => !(allowCredentials && allowOrigins.includes('*')), {
    message: 'allowCredentials needs named origins instead of "*"',
    path: ['allowOrigins'],
  });

/**
 * How objects are presented: the second half of the contract between operator and proxy. It travels as JSON in CONTENT_CONFIG or in the
 * file that CONTENT_CONFIG_FILE names. Everything is off by default: then each path is a key and nothing else.
 */
export const contentConfigSchema = z.strictObject({
  indexDocument: z
    .string()
    .regex(/^[^/]+$/, 'must be a file name without "/"')
    .optional()
    .describe('Answers for paths that end in "/", such as index.html; /dir is redirected to /dir/.'),
  errorDocument: key.optional().describe('Object sent, with status 404, when there is no such key.'),
  spaFallback: key
    .optional()
    .describe(
      'Object sent, with status 200, for pages that are no key: the entry of a single-page application.',
    ),
  directoryListing: z
    .boolean()
    .default(false)
    .describe('Lists keys, as HTML or JSON, for paths that end in "/".'),
  cacheControl: z
    .array(
      z.object({
        match: glob,
        value: headerValue.describe('Cache-Control sent, such as "public, max-age=3600".'),
        override: z
          .boolean()
          .default(false)
          .describe("Takes precedence over the object's own Cache-Control."),
      }),
    )
    .default([])
    .describe('The first rule that matches a path counts.'),
  cors: cors.optional().describe('Cross-origin access for scripts.'),
  headers: z
    .array(
      z.object({
        name: token.refine(
          (name) => !RESERVED_HEADERS.includes(name.toLowerCase()),
          'is set by the proxy itself',
        ),
        value: headerValue,
      }),
    )
    .default([])
    .describe('Headers added to every response.'),
  metadata: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'must be a metadata name in lower case, without x-amz-meta-'),
    )
    .default([])
    .describe('User metadata sent as x-amz-meta-NAME; all other metadata stays inside.'),
  download: z
    .array(glob)
    .default([])
    .describe('Paths that browsers should save instead of show (Content-Disposition: attachment).'),
  precompressed: z
    .object({
      encodings: z
        .array(z.enum(['br', 'zstd', 'gzip']))
        .min(1)
        .default(['br', 'zstd', 'gzip'])
        .describe('Variants looked for, best first: KEY.br, KEY.zst, KEY.gz.'),
      match: z
        .array(glob)
        .min(1)
        .default(['**/*.{html,htm,css,js,mjs,json,map,svg,xml,txt,md,wasm,csv,ico,webmanifest}'])
        .describe('Paths for which variants are looked for.'),
    })
    .optional()
    .describe('Sends variants that were compressed beforehand, by Accept-Encoding.'),
  websiteRedirects: z
    .boolean()
    .default(false)
    .describe("Follows objects' x-amz-website-redirect-location with status 301."),
  publishHealthKey: z
    .boolean()
    .default(false)
    .describe('Serves the key "health" at /health; liveness is then asked on the management port.'),
});

export type ContentConfig = z.output<typeof contentConfigSchema>;

/** What the operator builds. */
export type ContentConfigInput = z.input<typeof contentConfigSchema>;
