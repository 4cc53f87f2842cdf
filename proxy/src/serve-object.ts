import type { IncomingMessage, ServerResponse } from 'node:http';
import { evaluatePreconditions, isConditional, rangeApplies } from './http/conditions.ts';
import { contentType, objectHeaders, validatorsOf } from './http/object-headers.ts';
import { parseRange, type RangeSpec } from './http/range.ts';
import { respondError } from './respond-error.ts';
import type { Cancellation } from './s3/cancellation.ts';
import type { ObjectSource, StoredObject } from './s3/object-source.ts';
import { StoreError } from './s3/store-error.ts';
import { sendBody } from './send-body.ts';

/**
 * Answers a GET or HEAD for one object (RFC 9110). A plain request is one call to the store, whose bytes go straight through. A conditional one asks
 * for metadata first and decides here, because stores differ in what they make of conditions; what follows is pinned to that version.
 * @throws StoreError
 */
export async function serveObject(
  request: IncomingMessage,
  response: ServerResponse,
  source: ObjectSource,
  key: string,
  cancellation: Cancellation,
): Promise<void> {
  const { headers } = request;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  let ranges = method === 'GET' ? parseRange(headers.range) : undefined;
  let ifMatch: string | undefined;

  if (isConditional(headers)) {
    const head = await source.open({ key, method: 'HEAD' }, cancellation);
    const validators = validatorsOf(head.headers);
    switch (evaluatePreconditions(headers, validators)) {
      case 'not-modified':
        response.writeHead(304, objectHeaders(head.headers)).end();
        return;
      case 'failed':
        respondError(response, { status: 412, message: 'Precondition Failed' });
        return;
      default:
    }
    if (!rangeApplies(headers, validators)) ranges = undefined;
    if (method === 'HEAD') {
      sendObject(response, head, method);
      return;
    }
    ifMatch = validators.etag;
  }
  const range: RangeSpec | undefined = ranges?.length === 1 ? ranges[0] : undefined;
  let object: StoredObject;
  try {
    object = await source.open({ key, method, range, ifMatch }, cancellation);
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'range')) throw error;
    respondError(
      response,
      { status: 416, message: 'Range Not Satisfiable' },
      error.actualSize === undefined ? [] : ['Content-Range', `bytes */${error.actualSize}`],
    );
    return;
  }
  sendObject(response, object, method);
}

function sendObject(response: ServerResponse, object: StoredObject, method: 'GET' | 'HEAD'): void {
  const { size, range, headers: stored, body } = object;
  const headers = objectHeaders(stored);
  headers.push('Content-Type', contentType(stored));
  const length = range ? range.last - range.first + 1 : size;
  headers.push('Content-Length', String(length));
  if (range) headers.push('Content-Range', `bytes ${range.first}-${range.last}/${size}`);
  response.writeHead(range ? 206 : 200, headers);
  if (method === 'HEAD') response.end();
  else sendBody(response, body);
}
