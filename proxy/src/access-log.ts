import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/** What is known of a request beyond Node's own objects, filled in along the way. */
export interface RequestRecord {
  startedAt: number;
  user?: string | undefined;
  /** Why it failed: the store's code or an internal word. */
  failure?: string | undefined;
  completed: boolean;
}

/** Writes one JSON line for a finished request. The query is left out: it may hold what is secret elsewhere. */
export function logAccess(
  log: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
  now: number,
): void {
  log.info(
    {
      method: request.method,
      path: request.url?.split('?', 1)[0],
      status: response.statusCode,
      length: response.getHeader('content-length') ?? undefined,
      ms: Math.round((now - record.startedAt) * 10) / 10,
      client: request.socket.remoteAddress,
      user: record.user,
      agent: request.headers['user-agent'],
      failure: record.failure,
      aborted: record.completed ? undefined : true,
    },
    'request',
  );
}
