import type { IncomingMessage } from 'node:http';
import type { ContentConfig } from '../content-config.ts';

type CorsConfig = NonNullable<ContentConfig['cors']>;

/** CORS headers (Fetch standard, §3.2) of an ordinary response, as alternating names and values. */
export function corsHeaders(cors: CorsConfig, origin: string | undefined): string[] {
  const anyOrigin = cors.allowOrigins.includes('*');
  // The answer depends on who asks, also when nobody does: a cache must not give one origin's answer to another.
  const headers = anyOrigin ? [] : ['Vary', 'Origin'];
  if (origin === undefined || !(anyOrigin || cors.allowOrigins.includes(origin))) return headers;
  headers.push('Access-Control-Allow-Origin', anyOrigin ? '*' : origin);
  if (cors.allowCredentials) headers.push('Access-Control-Allow-Credentials', 'true');
  if (cors.exposeHeaders.length > 0) {
    headers.push('Access-Control-Expose-Headers', cors.exposeHeaders.join(', '));
  }
  return headers;
}

/** True for a CORS preflight: an OPTIONS request that says what the real one would be. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** Headers that a preflight's answer has beyond `corsHeaders`; an origin that is not allowed gets none. */
export function preflightHeaders(cors: CorsConfig, origin: string | undefined): string[] {
  const allowed = corsHeaders(cors, origin).includes('Access-Control-Allow-Origin');
  if (!allowed) return [];
  const headers = [
    'Access-Control-Allow-Methods',
    'GET, HEAD',
    'Access-Control-Max-Age',
    String(cors.maxAgeSeconds),
  ];
  // Authorization is not covered by a wildcard and must be named for scripts that log in.
  const names = [...cors.allowHeaders, ...(cors.allowCredentials ? ['Authorization'] : [])];
  if (names.length > 0) headers.push('Access-Control-Allow-Headers', names.join(', '));
  return headers;
}
