import { StoreError } from '../store-error.ts';

/** Response headers by lower-case name; a repeated one has its values joined by a comma (RFC 9110 §5.3). */
export type StoreHeaders = Readonly<Record<string, string | undefined>>;

/** How the end of a body is found (RFC 9112 §6.3). */
export type Framing = { kind: 'sized'; length: number } | { kind: 'chunked' } | { kind: 'until-close' };

export interface ResponseHead {
  status: number;
  headers: StoreHeaders;
  framing: Framing;
  keepAlive: boolean;
}

/** Status line and field lines with nothing in them that RFC 9112 forbids: no folding, no space before a colon, no bare CR or LF. */
const HEAD = /^HTTP\/1\.[01] [1-9]\d\d(?: [^\r\n\0]*)?(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*)*$/;

/**
 * Reads a response head.
 * @param text the head in Latin-1, without the empty line at its end
 * @param toHead whether it answers a HEAD request, which has no body whatever its headers say
 * @throws StoreError of kind protocol
 */
export function parseResponseHead(text: string, toHead: boolean): ResponseHead {
  if (!HEAD.test(text)) throw malformed('BadResponseHead');
  const status = Number(text.slice(9, 12));
  const headers = parseFields(text);
  return {
    status,
    headers,
    framing: framingOf(status, headers, toHead),
    keepAlive: isKeptAlive(text.charCodeAt(7) === 0x31, headers.connection),
  };
}

/** An object without a prototype that V8 still gives a shape, which one of Object.create(null) has not: names are found faster, and half the memory is taken. */
const NoFields = function NoFields() {} as unknown as new () => Record<string, string | undefined>;
NoFields.prototype = Object.create(null);

function parseFields(text: string): StoreHeaders {
  const headers = new NoFields();
  let start = text.indexOf('\r\n');
  while (start !== -1) {
    start += 2;
    const next = text.indexOf('\r\n', start);
    const colon = text.indexOf(':', start);
    const name = text.slice(start, colon).toLowerCase();
    const value = text.slice(colon + 1, next === -1 ? undefined : next).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
    start = next;
  }
  return headers;
}

function framingOf(status: number, headers: StoreHeaders, toHead: boolean): Framing {
  const encoding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (toHead || status < 200 || status === 204 || status === 304) return { kind: 'sized', length: 0 };
  if (encoding !== undefined) {
    if (length !== undefined || encoding.toLowerCase() !== 'chunked') throw malformed('BadTransferEncoding');
    return { kind: 'chunked' };
  }
  if (length === undefined) return { kind: 'until-close' };
  if (!/^\d{1,15}$/.test(length)) throw malformed('BadContentLength');
  return { kind: 'sized', length: Number(length) };
}

function isKeptAlive(http11: boolean, connection: string | undefined): boolean {
  if (connection === undefined) return http11;
  const options = connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  return !options.includes('close') && (http11 || options.includes('keep-alive'));
}

function malformed(code: string): StoreError {
  return new StoreError('protocol', code);
}
