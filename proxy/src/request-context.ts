import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestRecord } from './access-log.ts';
import type { Operation } from './s3/operation.ts';

/** One request on its way through the proxy. */
export interface RequestContext {
  request: IncomingMessage;
  response: ServerResponse;
  /** Method of the answer: anything but HEAD has a body. */
  method: 'GET' | 'HEAD';
  /** Decoded request path without its first slash. */
  path: string;
  /** Raw query without its question mark. */
  query: string;
  /** Headers that every response to it carries, as alternating names and values. */
  extraHeaders: readonly string[];
  record: RequestRecord;
  operation: Operation;
}
