import { addAbsent } from './http/field-lines.ts';
import { contentType, relay } from './http/object-headers.ts';
import { encodePath } from './http/percent-encoding.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import { MAX_KEY_BYTES } from './s3/object-source.ts';
import { StoreError } from './s3/store-error.ts';
import { sendBody } from './send-body.ts';
import { serveListing } from './serve-listing.ts';
import { type Site, serveObject } from './serve-object.ts';

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
  if (isDirectory && directoryListing && (await missingIsFalse(context, () => serveListing(context, site))))
    return;
  if (await tryKey(context, site, path)) return;
  if (!isDirectory && (await redirectToDirectory(context, site))) return;
  if (spaFallback === undefined) {
    await respondNotFound(context, site);
    return;
  }
  // From here on the answer depends on what the client wants.
  const byAccept = { ...context, extraHeaders: [...context.extraHeaders, 'Vary', 'Accept'] };
  if (wantsPage(context) && (await tryKey(byAccept, site, spaFallback))) return;
  await respondNotFound(byAccept, site);
}

/** Serves a key, given relative to the prefix and presented as what it is, not as what was asked for; false when there is no such key. */
async function tryKey(context: RequestContext, site: Site, relative: string): Promise<boolean> {
  const key = site.prefix + relative;
  // An empty key would turn GetObject into ListObjects, which is a listing of the whole bucket.
  if (key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES) return false;
  try {
    await serveObject(relative === context.path ? context : { ...context, path: relative }, site, key);
    return true;
  } catch (error) {
    return noteMissing(context, error);
  }
}

async function missingIsFalse(context: RequestContext, attempt: () => Promise<boolean>): Promise<boolean> {
  try {
    return await attempt();
  } catch (error) {
    return noteMissing(context, error);
  }
}

/** False for a missing key. @throws any other error again */
function noteMissing({ record }: RequestContext, error: unknown): false {
  if (!(error instanceof StoreError && error.kind === 'not-found')) throw error;
  record.failure ??= error.code;
  return false;
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
  const isListed = async () => {
    const request = { prefix: directory, after: undefined, limit: 1 };
    return (await site.lister.list(request, operation)).entries.length > 0;
  };
  if (!exists && !(directoryListing && (await missingIsFalse(context, isListed)))) return false;
  const name = encodePath(path.slice(path.lastIndexOf('/') + 1));
  const location = `./${name}/${query === '' ? '' : `?${query}`}`;
  const lines = ['Location', location, 'Content-Length', '0'];
  addAbsent(lines, extraHeaders);
  response.writeHead(302, lines).end();
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
      const { headers, size, body } = await source.open({ key: prefix + errorDocument, method }, operation);
      const lines = ['Content-Type', contentType(headers), 'Content-Length', String(size)];
      relay(lines, 'Content-Encoding', headers['content-encoding']);
      addAbsent(lines, extraHeaders);
      response.writeHead(404, lines);
      if (method === 'HEAD') response.end();
      else sendBody(response, body);
      return true;
    }));
  if (!sent) respondError(context, { status: 404, message: 'Not Found' });
}
