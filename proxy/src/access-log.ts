import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { RequestTrace } from './tracing/tracing.ts';

/** What is known of a request beyond Node's own objects, filled in along the way. Times are in milliseconds, monotonic. */
export interface RequestRecord {
  startedAt: number;
  /** When the response's headers were handed over. */
  headAt: number | undefined;
  /** Bytes that the connection had carried before. */
  bytesBefore: number;
  user: string | undefined;
  traceId: string | undefined;
  /** The request's own span, where traces are wanted. */
  trace: RequestTrace | undefined;
  /** Why it failed: the store's code or an internal word. */
  failure: string | undefined;
  completed: boolean;
}

/** Writes one JSON line for a finished request. The query is left out: it may hold what is secret elsewhere. */
export function logAccess(
  log: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
  durationMs: number,
  sentBytes: number,
): void {
  log.info(
    {
      method: request.method,
      path: request.url?.split('?', 1)[0],
      status: response.statusCode,
      bytes: sentBytes,
      ms: Math.round(durationMs * 10) / 10,
      client: request.socket.remoteAddress,
      forwardedFor: request.headers['x-forwarded-for'],
      user: record.user,
      agent: request.headers['user-agent'],
      traceId: record.traceId,
      spanId: record.trace?.spanId,
      failure: record.failure,
      aborted: record.completed ? undefined : true,
    },
    'request',
  );
}
