import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { contentConfigSchema } from '../content-config.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';

function cors(config: object) {
  const parsed = contentConfigSchema.parse({ cors: { allowOrigins: ['https://a.example'], ...config } }).cors;
  if (!parsed) throw new Error('no CORS');
  return parsed;
}
const ANY = cors({ allowOrigins: ['*'] });

test('an allowed origin is named, and caches are told that it matters', () => {
  expect(corsHeaders(cors({}), 'https://a.example')).toEqual([
    'Vary',
    'Origin',
    'Access-Control-Allow-Origin',
    'https://a.example',
  ]);
});

test.each([
  undefined,
  '',
  'https://b.example',
  'http://a.example',
  'https://a.example:444',
  'https://a.example.evil',
])('the origin %o gets nothing but Vary', (origin) => {
  expect(corsHeaders(cors({}), origin)).toEqual(['Vary', 'Origin']);
});

test('any origin is allowed by a star, which is the same for all', () => {
  expect(corsHeaders(ANY, 'https://b.example')).toEqual(['Access-Control-Allow-Origin', '*']);
  expect(corsHeaders(ANY, undefined)).toEqual([]);
});

test('credentials and headers to read are told', () => {
  const headers = corsHeaders(
    cors({ allowCredentials: true, exposeHeaders: ['ETag', 'Content-Range'] }),
    'https://a.example',
  );
  expect(headers.slice(4)).toEqual([
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Expose-Headers',
    'ETag, Content-Range',
  ]);
});

test.each([
  ['OPTIONS', { origin: 'https://a.example', 'access-control-request-method': 'GET' }, true],
  ['OPTIONS', { origin: 'https://a.example' }, false],
  ['OPTIONS', { 'access-control-request-method': 'GET' }, false],
  ['GET', { origin: 'https://a.example', 'access-control-request-method': 'GET' }, false],
])('%s with %o is a preflight: %s', (method, headers, expected) => {
  expect(isPreflight({ method, headers } as unknown as IncomingMessage)).toBe(expected);
});

test('a preflight says what may be sent, and for how long that holds', () => {
  expect(
    preflightHeaders(cors({ allowHeaders: ['X-A', 'Range'], maxAgeSeconds: 5 }), 'https://a.example'),
  ).toEqual([
    'Access-Control-Allow-Methods',
    'GET, HEAD',
    'Access-Control-Max-Age',
    '5',
    'Access-Control-Allow-Headers',
    'X-A, Range',
  ]);
  expect(preflightHeaders(ANY, 'https://b.example')).toEqual([
    'Access-Control-Allow-Methods',
    'GET, HEAD',
    'Access-Control-Max-Age',
    '600',
  ]);
});

test('Authorization may be sent where credentials are allowed', () => {
  expect(preflightHeaders(cors({ allowCredentials: true }), 'https://a.example').slice(4)).toEqual([
    'Access-Control-Allow-Headers',
    'Authorization',
  ]);
});

test('an origin that is not allowed learns nothing by a preflight', () => {
  expect(preflightHeaders(cors({ allowHeaders: ['X-A'] }), 'https://b.example')).toEqual([]);
});
