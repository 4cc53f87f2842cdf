import type { StoreErrorKind } from '../s3/store-error.ts';

/** What the client is told instead of an object. */
export interface ErrorResponse {
  status: number;
  message: string;
  /** Seconds for Retry-After. */
  retryAfter?: number | undefined;
}

/**
 * What each store failure becomes. Failures of the credentials are the operator's, never the client's: 502, not 401 or 403. None
 * of these says anything that came from the store.
 */
const RESPONSES: Readonly<Record<StoreErrorKind, ErrorResponse>> = {
  'not-found': { status: 404, message: 'Not Found' },
  archived: { status: 403, message: 'The object is archived and must be restored first.' },
  changed: { status: 503, message: 'The object changes faster than it can be read.', retryAfter: 1 },
  range: { status: 416, message: 'Range Not Satisfiable' },
  'slow-down': { status: 503, message: 'The object store is busy.', retryAfter: 2 },
  credentials: { status: 502, message: 'The object store refused the request.' },
  bucket: { status: 502, message: 'The object store refused the request.' },
  server: { status: 502, message: 'The object store failed.' },
  connection: { status: 502, message: 'The object store cannot be reached.' },
  protocol: { status: 502, message: 'The object store gave an invalid answer.' },
  timeout: { status: 504, message: 'The object store did not answer in time.' },
  canceled: { status: 499, message: 'Client Closed Request' },
};

export function errorResponseFor(kind: StoreErrorKind): ErrorResponse {
  return RESPONSES[kind];
}
