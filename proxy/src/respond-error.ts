import type { ErrorResponse } from './http/error-response.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Sends a short plain-text error. Once headers are out there is no status left to change: then the connection is cut.
 * @param headers alternating names and values
 */
export function respondError(
  { response, extraHeaders }: Pick<RequestContext, 'response' | 'extraHeaders'>,
  { status, message, retryAfter }: ErrorResponse,
  headers: readonly string[] = [],
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = `${message}\n`;
  const fields = [
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(text)),
    'X-Content-Type-Options',
    'nosniff',
  ];
  if (retryAfter !== undefined) fields.push('Retry-After', String(retryAfter));
  fields.push(...headers);
  addAbsent(fields, extraHeaders);
  response.writeHead(status, fields);
  // Node leaves the body of a HEAD response out by itself.
  response.end(text);
}

/** Adds headers whose names are not there yet, except Vary, of which there may be several. */
function addAbsent(fields: string[], extra: readonly string[]): void {
  const present = new Set<string>();
  for (let i = 0; i < fields.length; i += 2) present.add(fields[i]?.toLowerCase() ?? '');
  for (let i = 0; i < extra.length; i += 2) {
    const [name = '', value = ''] = [extra[i], extra[i + 1]];
    if (name.toLowerCase() === 'vary' || !present.has(name.toLowerCase())) fields.push(name, value);
  }
}
