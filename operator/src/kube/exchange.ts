import { type Dispatcher, errors as undiciErrors } from 'undici';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { ApiError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { errorFromStatus, parseRetryAfter } from './status-error.ts';

export interface ExchangeRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  path: string;
  accept: string;
  body?: string | undefined;
  contentType?: string | undefined;
  /** Whether sending it twice does no harm: then a lost connection is retried. */
  repeatable: boolean;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface ExchangeOptions {
  connection: Connection;
  userAgent: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  metrics: RuntimeMetrics;
}

const MAX_ATTEMPTS = 6;
const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 5_000;

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}

/** What an error calls the request: without the query, which may be long. */
function nameOf({ method, path }: ExchangeRequest): string {
  return `${method} ${path.split('?', 1)[0]}`;
}

/** Aborts `abort` when `signal` aborts; the returned function ends that. */
function follow(signal: AbortSignal | undefined, abort: AbortController): () => void {
  if (signal === undefined) return () => undefined;
  const forward = () => abort.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  return () => signal.removeEventListener('abort', forward);
}

/** Whether the request may be sent again after `error`, within the attempts and the deadline. */
function mayRetry(error: ApiError, repeatable: boolean): boolean {
  switch (error.code) {
    case 'TooManyRequests':
    case 'Unauthorized':
      return true; // Turned away at the door, so nothing was done.
    case 'Unreachable':
    case 'Unavailable':
      return repeatable;
    default:
      return false;
  }
}

/** Sends requests one exchange at a time: credentials, deadlines, retries, errors and metrics. Knows no Kubernetes objects. */
export interface Exchange {
  /** The body of a 2xx answer. */
  send(request: ExchangeRequest): Promise<string>;
  /** The body of a 2xx answer as it arrives. `timeoutMs` limits the wait for the headers, `idleTimeoutMs` each pause after. */
  stream(request: ExchangeRequest, idleTimeoutMs: number): Promise<AsyncIterable<Buffer>>;
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { connection, userAgent, clock, random, logger, metrics } = options;
  const prefix = connection.server.pathname.replace(/\/+$/, '');
  const origin = connection.server.origin;
  const warned = new Set<string>();

  /** Passes the server's own warnings (deprecated versions and the like) to the log, each once. */
  function noteWarnings(header: string | string[] | undefined): void {
    if (header === undefined) return;
    for (const warning of Array.isArray(header) ? header : [header]) {
      if (warned.has(warning) || warned.size >= 100) continue;
      warned.add(warning);
      logger.warn({ warning }, 'the API server warns');
    }
  }

  function unreachable(error: unknown, what: string): ApiError {
    return new ApiError('Unreachable', `${what}: no answer from ${origin}: ${messageOf(error)}`, {
      status: 0,
      cause: error,
    });
  }

  async function failure(response: Dispatcher.ResponseData, what: string): Promise<ApiError> {
    const text = await response.body.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = undefined; // A proxy's own page: the status code says enough.
    }
    const retryAfterMs = parseRetryAfter(headerText(response.headers['retry-after']), clock.now());
    return errorFromStatus(response.statusCode, body, what, retryAfterMs);
  }

  async function attempt<T>(
    request: ExchangeRequest,
    abort: AbortSignal,
    bodyTimeout: number,
    watch: boolean,
    read: (response: Dispatcher.ResponseData) => T | Promise<T>,
  ): Promise<T> {
    const what = nameOf(request);
    const { calls, watches, headers } = await connection.route().catch((error: unknown) => {
      throw unreachable(error, what);
    });
    let code = '<error>';
    try {
      const response = await (watch ? watches : calls).request({
        origin,
        path: prefix + request.path,
        method: request.method,
        headers: {
          ...headers,
          accept: request.accept,
          'user-agent': userAgent,
          ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
        },
        body: request.body ?? null,
        signal: abort,
        bodyTimeout,
      });
      code = String(response.statusCode);
      noteWarnings(response.headers.warning);
      if (response.statusCode < 200 || response.statusCode > 299) {
        if (response.statusCode === 401) connection.refused();
        throw await failure(response, what);
      }
      return await read(response);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw unreachable(error, what);
    } finally {
      metrics.requests.inc({ code, method: request.method });
    }
  }

  /** Waits, or rejects with the signal's reason. */
  function pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = clock.schedule(delayMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Repeats `attempt` under one deadline, which ends with the first success: a stream goes on after it. */
  async function withRetries<T>(
    request: ExchangeRequest,
    abort: AbortController,
    bodyTimeout: number,
    watch: boolean,
    read: (response: Dispatcher.ResponseData) => T | Promise<T>,
  ): Promise<T> {
    const { signal, timeoutMs } = request;
    signal?.throwIfAborted();
    const deadline = clock.elapsed() + timeoutMs;
    let timedOut = false;
    const cancelTimer = clock.schedule(timeoutMs, () => {
      timedOut = true;
      abort.abort();
    });
    try {
      for (let failures = 0; ; failures++) {
        try {
          return await attempt(request, abort.signal, bodyTimeout, watch, read);
        } catch (error) {
          if (abort.signal.aborted || !(error instanceof ApiError)) throw error;
          if (failures + 1 >= MAX_ATTEMPTS || !mayRetry(error, request.repeatable)) throw error;
          // A second refusal in a row means that the credentials are wrong, not old.
          if (error.code === 'Unauthorized' && failures > 0) throw error;
          const delay =
            error.code === 'Unauthorized'
              ? 0
              : Math.max(
                  error.retryAfterMs ?? 0,
                  backoffMs(failures, { baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS, random }),
                );
          if (clock.elapsed() + delay >= deadline) throw error;
          await pause(delay, abort.signal);
        }
      }
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (timedOut) {
        throw new ApiError('Timeout', `${nameOf(request)}: no complete answer within ${timeoutMs} ms`, {
          status: 0,
          cause: error,
        });
      }
      throw error;
    } finally {
      cancelTimer();
    }
  }

  async function* chunksOf(
    body: AsyncIterable<Buffer>,
    request: ExchangeRequest,
    end: () => void,
  ): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* body;
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason;
      // Silence: whether the network died or the server has nothing to say, a new request settles it.
      if (error instanceof undiciErrors.BodyTimeoutError) return;
      throw unreachable(error, nameOf(request));
    } finally {
      end();
    }
  }

  return {
    async send(request) {
      const started = clock.elapsed();
      const abort = new AbortController();
      const unfollow = follow(request.signal, abort);
      try {
        return await withRetries(request, abort, 0, false, ({ body }) => body.text());
      } finally {
        unfollow();
        metrics.requestSeconds.observe({ verb: request.method }, (clock.elapsed() - started) / 1000);
      }
    },
    async stream(request, idleTimeoutMs) {
      const abort = new AbortController();
      const unfollow = follow(request.signal, abort);
      const end = () => {
        unfollow();
        abort.abort();
      };
      try {
        const body = await withRetries(request, abort, idleTimeoutMs, true, (response) => response.body);
        return chunksOf(body, request, end);
      } catch (error) {
        end();
        throw error;
      }
    },
  };
}
