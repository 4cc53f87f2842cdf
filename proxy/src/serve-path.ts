import { contentType } from './http/object-headers.ts';
import { encodePath } from './http/percent-encoding.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import { StoreError } from './s3/store-error.ts';
import { sendBody } from './send-body.ts';
import { serveListing } from './serve-listing.ts';
import { type Site, serveObject } from './serve-object.ts';

/** S3 API: no key is longer than this many bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * Finds what a path stands for, in this order: for a directory (a path that ends in "/") its index document, then its listing; the key itself; a redirect
 * to the directory of that name; the page of a single-page application; the error document; 404.
 * @throws StoreError for failures other than a missing key
 */
export async function servePath(context: RequestContext, site: Site): Promise<void> {
  const { path } = context;
  const { indexDocument, directoryListing, spaFallback } = site.policy.config;
  const isDirectory = path === '' || path.endsWith('/');

  if (isDirectory && indexDocument !== undefined && (await tryKey(context, site, path + indexDocument)))
    return;
  if (isDirectory && directoryListing && (await serveListing(context, site))) return;
  if (await tryKey(context, site, path)) return;
  if (!isDirectory && (await redirectToDirectory(context, site))) return;
  if (spaFallback !== undefined && wantsPage(context) && (await tryKey(context, site, spaFallback))) return;
  await respondNotFound(context, site);
}

/** Serves a key, given relative to the prefix; false when there is no such key. */
async function tryKey(context: RequestContext, site: Site, relative: string): Promise<boolean> {
  const key = site.prefix + relative;
  // An empty key would turn GetObject into ListObjects, which is a listing of the whole bucket.
  if (key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES) return false;
  return missingIsFalse(context, async () => {
    await serveObject(context, site, key);
    return true;
  });
}

async function missingIsFalse(context: RequestContext, attempt: () => Promise<boolean>): Promise<boolean> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'not-found')) throw error;
    context.record.failure ??= error.code;
    return false;
  }
}

/**
 * The status is 302, since a key of that name may be written tomorrow. The reference is relative: that survives an Ingress that takes a path
 * prefix away, and cannot lead to another host as "//name" would.
 */
async function redirectToDirectory(context: RequestContext, site: Site): Promise<boolean> {
  const { path, query, response, extraHeaders, operation } = context;
  const { indexDocument, directoryListing } = site.policy.config;
  const directory = `${site.prefix}${path}/`;
  if (Buffer.byteLength(directory) + 256 > MAX_KEY_BYTES) return false;
  const exists = await missingIsFalse(context, async () => {
    if (indexDocument === undefined) return false;
    await site.source.open({ key: directory + indexDocument, method: 'HEAD' }, operation);
    return true;
  });
  const listed =
    !exists &&
    directoryListing &&
    (await site.lister.list({ prefix: directory, after: undefined, limit: 1 }, operation)).entries.length > 0;
  if (!exists && !listed) return false;
  const name = encodePath(path.slice(path.lastIndexOf('/') + 1));
  const location = `./${name}/${query === '' ? '' : `?${query}`}`;
  response.writeHead(302, ['Location', location, 'Content-Length', '0', ...extraHeaders]).end();
  return true;
}

/** Scripts and pictures that are missing should fail; only pages fall back. */
function wantsPage({ path, request }: RequestContext): boolean {
  if (request.headers.accept?.includes('text/html')) return true;
  return !path.slice(path.lastIndexOf('/') + 1).includes('.');
}

async function respondNotFound(context: RequestContext, { source, policy, prefix }: Site): Promise<void> {
  const { response, method, extraHeaders, operation } = context;
  const { errorDocument } = policy.config;
  const sent =
    errorDocument !== undefined &&
    (await missingIsFalse(context, async () => {
      const { headers, size, body } = await source.open(
        { key: prefix + errorDocument, method: 'GET' },
        operation,
      );
      const fields = ['Content-Type', contentType(headers), 'Content-Length', String(size), ...extraHeaders];
      if (headers['content-encoding'] !== undefined)
        fields.push('Content-Encoding', headers['content-encoding']);
      response.writeHead(404, fields);
      if (method === 'HEAD') {
        body.cancel();
        response.end();
      } else {
        sendBody(response, body);
      }
      return true;
    }));
  if (!sent) respondError(context, { status: 404, message: 'Not Found' });
}
