import { createHash } from 'node:crypto';
import Negotiator from 'negotiator';
import { renderListingHtml } from './content/listing-html.ts';
import { evaluatePreconditions } from './http/conditions.ts';
import { addAbsent } from './http/field-lines.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import type { ListPage } from './s3/object-lister.ts';
import { MAX_KEY_BYTES } from './s3/object-source.ts';
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
 * @throws StoreError
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
  const prefix = site.prefix + path;
  if (Buffer.byteLength(prefix) > MAX_KEY_BYTES) return false;
  const after = parameters.get('after') || undefined;
  if (after?.includes('\0') || Buffer.byteLength(prefix + (after ?? '')) > MAX_KEY_BYTES) {
    respondError(context, { status: 400, message: 'after must be a name that can be in this directory.' });
    return true;
  }
  const page = await site.lister.list({ prefix, after, limit }, operation);
  if (page.entries.length === 0 && path !== '' && after === undefined) return false;

  const json = wantsJson(parameters.get('format'), new Negotiator(request));
  const text = json ? renderJson(path, page) : renderListingHtml(path, page, { after, limit });
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  const lines = ['ETag', etag, 'Cache-Control', 'no-cache', 'Vary', 'Accept'];
  const outcome = evaluatePreconditions(request.headers, { etag, lastModified: undefined });
  if (outcome === 'failed') {
    respondError(context, { status: 412, message: 'Precondition Failed' });
  } else if (outcome === 'not-modified') {
    addAbsent(lines, extraHeaders);
    response.writeHead(304, lines).end();
  } else {
    const type = json ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8';
    lines.push('Content-Type', type, 'Content-Length', String(Buffer.byteLength(text)));
    lines.push('X-Content-Type-Options', 'nosniff');
    if (!json) lines.push('Content-Security-Policy', PAGE_POLICY, 'Referrer-Policy', 'same-origin');
    addAbsent(lines, extraHeaders);
    response.writeHead(200, lines).end(method === 'HEAD' ? undefined : text);
  }
  return true;
}

function wantsJson(format: string | null, negotiator: Negotiator): boolean {
  if (format !== null) return format === 'json';
  return negotiator.mediaType(['text/html', 'application/json']) === 'application/json';
}

/** `next` is the value for `after` that gives the following page; absent on the last one. */
function renderJson(path: string, { entries, more }: ListPage): string {
  const last = entries.at(-1)?.name;
  return `${JSON.stringify({ path: `/${path}`, entries, ...(more && last !== undefined ? { next: last } : {}) })}\n`;
}
