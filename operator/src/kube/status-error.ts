import { ApiError, type ApiErrorCode, type FieldCause } from './errors.ts';

const codeOfReason: Readonly<Record<string, ApiErrorCode>> = {
  BadRequest: 'BadRequest',
  Unauthorized: 'Unauthorized',
  Forbidden: 'Forbidden',
  NotFound: 'NotFound',
  MethodNotAllowed: 'MethodNotAllowed',
  AlreadyExists: 'AlreadyExists',
  Conflict: 'Conflict',
  Gone: 'Gone',
  Expired: 'Gone',
  RequestEntityTooLarge: 'TooLarge',
  UnsupportedMediaType: 'UnsupportedMediaType',
  Invalid: 'Invalid',
  TooManyRequests: 'TooManyRequests',
  Timeout: 'Timeout',
  ServerTimeout: 'Timeout',
  ServiceUnavailable: 'Unavailable',
  InternalError: 'Internal',
};

const codeOfStatus: Readonly<Record<number, ApiErrorCode>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  502: 'Unavailable',
  503: 'Unavailable',
  504: 'Timeout',
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function causesOf(details: Record<string, unknown>): FieldCause[] {
  if (!Array.isArray(details.causes)) return [];
  return details.causes
    .filter(isRecord)
    .map((cause) => ({ field: text(cause.field), reason: text(cause.reason), message: text(cause.message) }));
}

/**
 * The ApiError for a failed call. `body` is the parsed answer: a `metav1.Status`, or anything a proxy in between may have sent.
 * `retryAfterMs` is the Retry-After header's value; a Status may carry its own.
 */
export function errorFromStatus(
  httpStatus: number,
  body: unknown,
  what: string,
  retryAfterMs?: number,
): ApiError {
  const fallback = codeOfStatus[httpStatus] ?? (httpStatus >= 500 ? 'Internal' : 'BadRequest');
  if (!isRecord(body) || body.kind !== 'Status') {
    return new ApiError(fallback, `${what}: HTTP ${httpStatus}`, { status: httpStatus, retryAfterMs });
  }
  const details = isRecord(body.details) ? body.details : {};
  const seconds = typeof details.retryAfterSeconds === 'number' ? details.retryAfterSeconds : undefined;
  return new ApiError(
    codeOfReason[text(body.reason)] ?? fallback,
    `${what}: ${text(body.message) || `HTTP ${httpStatus}`}`,
    {
      status: httpStatus,
      causes: causesOf(details),
      retryAfterMs: retryAfterMs ?? (seconds === undefined || seconds <= 0 ? undefined : seconds * 1000),
    },
  );
}

/** The ApiError inside a watch's ERROR event, whose object is a Status with its own `code`. */
export function errorFromWatchEvent(object: unknown, what: string): ApiError {
  const code = isRecord(object) && typeof object.code === 'number' ? object.code : 500;
  return errorFromStatus(code, object, what);
}

/** Milliseconds in a Retry-After header: seconds or an HTTP date (RFC 9110 §10.2.3). Undefined when absent or unreadable. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
