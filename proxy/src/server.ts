import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express from 'express';
import type { Logger } from 'pino';
import { logAccess, type RequestRecord } from './access-log.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { basicChallenge } from './auth/basic-credentials.ts';
import { errorResponseFor } from './http/error-response.ts';
import { parseRequestTarget } from './http/request-target.ts';
import type { Metrics } from './metrics.ts';
import { respondError } from './respond-error.ts';
import { Cancellation } from './s3/cancellation.ts';
import type { ObjectSource } from './s3/object-source.ts';
import { StoreError } from './s3/store-error.ts';
import { serveObject } from './serve-object.ts';

export interface ServerOptions {
  source: ObjectSource;
  /** Key prefix put before every path. */
  prefix: string;
  authenticator: Authenticator | undefined;
  realm: string;
  metrics: Metrics;
  log: Logger;
}

const METRIC_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The Express application on the public port: routes and checks in the order they are met. */
export function createServerApp(options: ServerOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request: IncomingMessage, response: ServerResponse) => {
    void handle(options, request, response);
  });
  return app;
}

/** The HTTP server around the application, with limits that slow or idle clients run into. */
export function createHttpServer(app: express.Express): Server {
  const server = createServer(
    {
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16_384,
    },
    app,
  );
  // Longer than any common load balancer keeps its side, so that it never meets a connection we are closing.
  server.keepAliveTimeout = 95_000;
  // No progress in either direction for this long ends a connection: a reader that stalls gives its store connection back.
  server.timeout = 120_000;
  return server;
}

async function handle(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const record: RequestRecord = { startedAt: performance.now(), completed: false };
  const cancellation = new Cancellation();
  response.once('finish', () => {
    record.completed = true;
  });
  response.once('close', () => {
    if (!record.completed) cancellation.cancel();
    finish(options, request, response, record);
  });
  try {
    await route(options, request, response, record, cancellation);
  } catch (error) {
    fail(options, response, record, error);
  }
}

async function route(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
  cancellation: Cancellation,
): Promise<void> {
  const { authenticator, realm, source, prefix } = options;
  const target = parseRequestTarget(request.url ?? '/');
  if (target.kind === 'path' && target.path === '/health') {
    response.writeHead(200, [
      'Content-Type',
      'text/plain',
      'Content-Length',
      '3',
      'Cache-Control',
      'no-store',
    ]);
    response.end('ok\n');
    return;
  }
  if (authenticator) {
    const { authorization } = request.headers;
    record.user =
      authorization && (authenticator.recall(authorization) ?? (await authenticator.verify(authorization)));
    if (!record.user) {
      respondError(response, { status: 401, message: 'Unauthorized' }, [
        'WWW-Authenticate',
        basicChallenge(realm),
      ]);
      return;
    }
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    respondError(response, { status: 405, message: 'Method Not Allowed' }, ['Allow', 'GET, HEAD']);
    return;
  }
  if (target.kind === 'refused') {
    respondError(response, { status: 400, message: target.message });
    return;
  }
  const key = prefix + target.path.slice(1);
  // An empty key would turn GetObject into ListObjects. No key is longer than 1,024 bytes (S3 API).
  if (key === '' || Buffer.byteLength(key) > 1024) {
    respondError(response, errorResponseFor('not-found'));
    return;
  }
  await serveObject(request, response, source, key, cancellation);
}

function fail(options: ServerOptions, response: ServerResponse, record: RequestRecord, error: unknown): void {
  if (error instanceof StoreError) {
    record.failure = error.code;
    if (error.kind === 'canceled') return;
    respondError(response, errorResponseFor(error.kind));
    return;
  }
  record.failure = 'InternalError';
  options.log.error({ err: error }, 'request failed');
  respondError(response, { status: 500, message: 'Internal Server Error' });
}

function finish(
  { metrics, log }: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
): void {
  const now = performance.now();
  const method = METRIC_METHODS.has(request.method ?? '') ? (request.method ?? '') : 'other';
  metrics.requests.inc({ method, code: response.statusCode });
  metrics.duration.observe({ method }, (now - record.startedAt) / 1000);
  if (!record.completed) metrics.aborts.inc();
  logAccess(log, request, response, record, now);
}
