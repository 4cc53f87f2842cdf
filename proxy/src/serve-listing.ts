import Negotiator from 'negotiator';
import { renderListingHtml } from './content/listing-html.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import type { ListPage } from './s3/object-lister.ts';
import type { Site } from './serve-object.ts';

/** Entries on a page, unless the query says `limit=`. */
const PAGE_SIZE = 500;
const MAX_PAGE_SIZE = 1000;

/** The page loads nothing and runs nothing, so that no key can make it. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/**
 * Lists the directory that the path names, as HTML or JSON by Accept (or `?format=json`), a page at a time (`?after=NAME&limit=N`).
 * False when there is nothing below it; the root is always there.
 */
export async function serveListing(context: RequestContext, site: Site): Promise<boolean> {
  const { request, response, method, path, query, extraHeaders, operation } = context;
  const parameters = new URLSearchParams(query);
  const limit = Number(parameters.get('limit') ?? PAGE_SIZE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    respondError(context, {
      status: 400,
      message: `limit must be a whole number from 1 to ${MAX_PAGE_SIZE}.`,
    });
    return true;
  }
  const after = parameters.get('after') ?? undefined;
  const page = await site.lister.list({ prefix: site.prefix + path, after, limit }, operation);
  if (page.entries.length === 0 && path !== '' && after === undefined) return false;

  const json = wantsJson(parameters.get('format'), new Negotiator(request));
  const text = json ? renderJson(path, page) : renderListingHtml(path, page, { after, limit });
  const headers = [
    'Content-Type',
    json ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(text)),
    'Cache-Control',
    'no-cache',
    'Vary',
    'Accept',
    'X-Content-Type-Options',
    'nosniff',
  ];
  if (!json) headers.push('Content-Security-Policy', PAGE_POLICY, 'Referrer-Policy', 'same-origin');
  for (let i = 0; i < extraHeaders.length; i += 2) {
    const [name = '', value = ''] = [extraHeaders[i], extraHeaders[i + 1]];
    if (!OWN_HEADERS.has(name.toLowerCase())) headers.push(name, value);
  }
  response.writeHead(200, headers);
  response.end(method === 'HEAD' ? undefined : text);
  return true;
}

const OWN_HEADERS = new Set(['x-content-type-options', 'content-security-policy', 'referrer-policy']);

function wantsJson(format: string | null, negotiator: Negotiator): boolean {
  if (format !== null) return format === 'json';
  return negotiator.mediaType(['text/html', 'application/json']) === 'application/json';
}

/** `next` is the value for `after` that gives the following page; absent on the last one. */
function renderJson(path: string, { entries, more }: ListPage): string {
  const last = entries.at(-1)?.name;
  return `${JSON.stringify({ path: `/${path}`, entries, ...(more && last !== undefined ? { next: last } : {}) })}\n`;
}
