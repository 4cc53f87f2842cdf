/**
 * What can go wrong when the API server is asked for something, as a closed set. Codes follow `metav1.StatusReason`;
 * `Unreachable` is ours: no answer was read (connection refused, reset, TLS failure).
 */
export type ApiErrorCode =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'TooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'Timeout'
  | 'Unavailable'
  | 'Internal'
  | 'Unreachable';

/** One reason the server gives for refusing an object. `field` is a path such as `spec.replicas`; for conflicts too. */
export interface FieldCause {
  field: string;
  reason: string;
  message: string;
}

export interface ApiErrorDetails {
  /** HTTP status; 0 when no answer was read. */
  status: number;
  causes?: readonly FieldCause[] | undefined;
  /** How long the server asks to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** The only error that `KubeClient` throws of itself; an aborted call rejects with its signal's reason instead. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly causes: readonly FieldCause[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ApiErrorCode, message: string, details: ApiErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.causes = details.causes ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether `error` is an ApiError with one of the codes. */
export function isApiError(error: unknown, ...codes: readonly ApiErrorCode[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}

/**
 * Whether the same request may succeed later without anyone changing the object: the network, an overloaded or restarting
 * server, a lost race. Refusals (Invalid, Forbidden, …) are not.
 */
export function isTransient(error: unknown): boolean {
  return isApiError(
    error,
    'Conflict',
    'Gone',
    'TooManyRequests',
    'Timeout',
    'Unavailable',
    'Internal',
    'Unreachable',
    'Unauthorized',
  );
}
