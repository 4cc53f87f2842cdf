import type { ServerResponse } from 'node:http';
import type { ErrorResponse } from './http/error-response.ts';

/**
 * Sends a short plain-text error. Once headers are out there is no status left to change: then the connection is cut.
 * @param extraHeaders alternating names and values
 */
export function respondError(
  response: ServerResponse,
  { status, message, retryAfter }: ErrorResponse,
  extraHeaders: readonly string[] = [],
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = `${message}\n`;
  const headers = [
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(text)),
  ];
  if (retryAfter !== undefined) headers.push('Retry-After', String(retryAfter));
  response.writeHead(status, [...headers, ...extraHeaders]);
  // Node leaves the body of a HEAD response out by itself.
  response.end(text);
}
