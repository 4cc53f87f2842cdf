/**
 * Everything that can go wrong with the store, as a closed set. What each one becomes for the client is decided in
 * http/error-response.ts; whether it is tried again is decided here.
 */
export type StoreErrorKind =
  /** The key does not exist, or the store hides whether it does. */
  | 'not-found'
  /** The object is in an archive tier and must be restored first. */
  | 'archived'
  /** If-Match did not hold: the object changed under the reader. */
  | 'changed'
  /** The range lies outside the object. */
  | 'range'
  /** The store asks for fewer requests. */
  | 'slow-down'
  /** Keys missing, unknown, expired or refused. */
  | 'credentials'
  /** The bucket does not exist or is elsewhere. */
  | 'bucket'
  /** The store answered with a failure of its own. */
  | 'server'
  /** No connection, or it broke. */
  | 'connection'
  /** No answer within the time allowed. */
  | 'timeout'
  /** An answer that makes no sense. */
  | 'protocol'
  /** The client went away. */
  | 'canceled';

export class StoreError extends Error {
  readonly kind: StoreErrorKind;
  /** The store's own code, such as NoSuchKey: for logs, never for clients. */
  readonly code: string;
  /** Size in bytes of the object, when a range missed it. */
  readonly actualSize: number | undefined;
  /** Region the bucket is really in. */
  readonly region: string | undefined;

  constructor(
    kind: StoreErrorKind,
    code: string,
    options: { cause?: unknown; actualSize?: number | undefined; region?: string | undefined } = {},
  ) {
    super(`${kind}: ${code}`, { cause: options.cause });
    this.name = 'StoreError';
    this.kind = kind;
    this.code = code;
    this.actualSize = options.actualSize;
    this.region = options.region;
  }
}

/** S3 error codes by what they mean here (S3 API, error responses). Codes not listed are judged by their status. */
const KIND_BY_CODE: Readonly<Record<string, StoreErrorKind>> = {
  NoSuchKey: 'not-found',
  NoSuchVersion: 'not-found',
  AccessDenied: 'not-found',
  KeyTooLongError: 'not-found',
  MethodNotAllowed: 'not-found',
  InvalidObjectState: 'archived',
  PreconditionFailed: 'changed',
  InvalidRange: 'range',
  SlowDown: 'slow-down',
  TooManyRequests: 'slow-down',
  RequestLimitExceeded: 'slow-down',
  BandwidthLimitExceeded: 'slow-down',
  InvalidAccessKeyId: 'credentials',
  // versitygw's word for an access key that it does not know; it comes as a 404.
  XAdminUserNotFound: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  ExpiredToken: 'credentials',
  InvalidToken: 'credentials',
  TokenRefreshRequired: 'credentials',
  RequestTimeTooSkewed: 'credentials',
  AuthorizationHeaderMalformed: 'credentials',
  InvalidSecurity: 'credentials',
  NotSignedUp: 'credentials',
  AccountProblem: 'credentials',
  AllAccessDisabled: 'credentials',
  NoSuchBucket: 'bucket',
  InvalidBucketName: 'bucket',
  PermanentRedirect: 'bucket',
  TemporaryRedirect: 'bucket',
  IllegalLocationConstraintException: 'bucket',
  InternalError: 'server',
  ServiceUnavailable: 'slow-down',
  RequestTimeout: 'timeout',
};

/** Classifies an error response of the store. */
export function storeErrorKind(status: number, code: string): StoreErrorKind {
  const known = KIND_BY_CODE[code];
  if (known) return known;
  if (status === 404) return 'not-found';
  if (status === 403) return 'not-found';
  if (status === 412) return 'changed';
  if (status === 416) return 'range';
  if (status === 429 || status === 503) return 'slow-down';
  if (status >= 500) return 'server';
  return status >= 300 && status < 400 ? 'bucket' : 'protocol';
}

/** Whether the same request may succeed when sent again shortly. */
export function isTransient(kind: StoreErrorKind): boolean {
  return kind === 'slow-down' || kind === 'server' || kind === 'connection' || kind === 'timeout';
}
