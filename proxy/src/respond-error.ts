import type { ErrorResponse } from './http/error-response.ts';
import { addAbsent, type FieldLines } from './http/field-lines.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Sends a short plain-text error. Once headers are out there is no status left to change: then the connection is cut.
 * @param headers what this error has to say besides
 */
export function respondError(
  { response, extraHeaders }: Pick<RequestContext, 'response' | 'extraHeaders'>,
  { status, message, retryAfter }: ErrorResponse,
  headers: FieldLines = [],
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
