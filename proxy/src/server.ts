import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express from 'express';
import type { Logger } from 'pino';
import { logAccess, type RequestRecord } from './access-log.ts';
import type { Gate } from './auth/gate.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './content/cors.ts';
import { errorResponseFor } from './http/error-response.ts';
import { merge } from './http/field-lines.ts';
import { isValidHost } from './http/host.ts';
import { parseRequestTarget } from './http/request-target.ts';
import { readTraceContext } from './http/trace-context.ts';
import type { Metrics } from './metrics.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import { Operation } from './s3/operation.ts';
import { StoreError } from './s3/store-error.ts';
import type { Site } from './serve-object.ts';
import { servePath } from './serve-path.ts';
import { Turns } from './turns.ts';

export interface ServerOptions {
  site: Site;
  /** Lets requests in; undefined lets everybody in. */
  gate: Gate | undefined;
  metrics: Metrics;
  log: Logger;
  accessLog: boolean;
}

const METRIC_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The Express application on the public port. Its only handler comes first in line: no path is for anybody else. */
export function createServerApp(options: ServerOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const turns = new Turns();
  app.use((request: IncomingMessage, response: ServerResponse) => {
    turns.take(request.socket, response, () => void handle(options, request, response));
  });
  return app;
}

/** What slow, idle or verbose clients run into; docs/http.md tells them. */
export interface Limits {
  /** Bytes of request line and header fields together. */
  headerBytes: number;
  /** Milliseconds from the first byte of a request to the end of its header fields. */
  headersMs: number;
  /** Milliseconds from the first byte of a request to its last one, a body included. */
  requestMs: number;
  /** The two above are looked at this often (milliseconds), so they may last this much longer. */
  checkMs: number;
  /** Milliseconds that a connection stays open between two requests. */
  keepAliveMs: number;
  /** Milliseconds without a byte in either direction after which a connection is cut. */
  stallMs: number;
}

export const LIMITS: Limits = {
  headerBytes: 16_384,
  headersMs: 15_000,
  requestMs: 30_000,
  checkMs: 5_000,
  // Longer than any common load balancer keeps its side, so that it never meets a connection we are closing.
  keepAliveMs: 95_000,
  // A reader that stalls gives its store connection back.
  stallMs: 120_000,
};

/** The HTTP server around the application. */
export function createHttpServer(app: express.Express, limits = LIMITS): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
      // What may come once and came twice is told from what came once (RFC 9110 §5.3), instead of the first being believed.
      joinDuplicateHeaders: true,
    },
    app,
  );
  server.keepAliveTimeout = limits.keepAliveMs;
  server.timeout = limits.stallMs;
  return server;
}

async function handle(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const trace = readTraceContext(request.headers);
  const record: RequestRecord = {
    startedAt: performance.now(),
    headAt: undefined,
    bytesBefore: request.socket.bytesWritten,
    user: undefined,
    traceId: trace?.traceId,
    failure: undefined,
    completed: false,
  };
  const operation = new Operation(trace?.headers);
  response.once('finish', () => {
    record.completed = true;
  });
  response.once('close', () => {
    if (!record.completed) operation.cancel();
    finish(options, request, response, record);
  });
  const { policy } = options.site;
  const { cors } = policy.config;
  const context: RequestContext = {
    request,
    response,
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    path: '',
    query: '',
    extraHeaders: cors
      ? merge(corsHeaders(cors, request.headers.origin), policy.extraHeaders)
      : policy.extraHeaders,
    record,
    operation,
  };
  try {
    await route(options, context);
    record.headAt ??= performance.now();
  } catch (error) {
    fail(options, context, error);
  }
}

/** The checks every request passes, in this order; whoever passes them all gets an object. */
async function route(options: ServerOptions, context: RequestContext): Promise<void> {
  const { gate, site } = options;
  const { request, response, record, extraHeaders } = context;
  const { cors, publishHealthKey } = site.policy.config;

  if (!isValidHost(request.headers.host)) {
    respondError(context, { status: 400, message: 'The Host header is not one host name.' });
    return;
  }
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const target = parseRequestTarget(request.url ?? '/');
  if (reads && target.kind === 'path' && target.path === '/health' && !publishHealthKey) {
    const headers = ['Content-Type', 'text/plain', 'Content-Length', '3', 'Cache-Control', 'no-store'];
    response.writeHead(200, merge(headers, extraHeaders)).end('ok\n');
    return;
  }
  // Browsers send no credentials with a preflight, so it comes before them.
  if (cors && isPreflight(request)) {
    const headers = preflightHeaders(cors, request.headers.origin);
    response.writeHead(204, merge(headers, extraHeaders)).end();
    return;
  }
  if (gate) {
    const admission = gate.admit(request);
    const decided = admission instanceof Promise ? await admission : admission;
    if (!('user' in decided)) {
      const headers = decided.challenge === undefined ? [] : ['WWW-Authenticate', decided.challenge];
      respondError(context, decided, headers);
      return;
    }
    record.user = decided.user;
  }
  if (!reads) {
    // The body of such a request is not worth reading, so the connection ends with it.
    const headers = ['Allow', cors ? 'GET, HEAD, OPTIONS' : 'GET, HEAD', 'Connection', 'close'];
    respondError(context, { status: 405, message: 'Method Not Allowed' }, headers);
    return;
  }
  if (target.kind === 'refused') {
    respondError(context, { status: 400, message: target.message });
    return;
  }
  context.path = target.path.slice(1);
  context.query = target.query;
  await servePath(context, site);
}

function fail(options: ServerOptions, context: RequestContext, error: unknown): void {
  const { record } = context;
  if (error instanceof StoreError) {
    record.failure = error.code;
    if (error.kind === 'canceled') return;
    respondError(context, errorResponseFor(error.kind));
    return;
  }
  record.failure = 'InternalError';
  options.log.error({ err: error }, 'request failed');
  respondError(context, { status: 500, message: 'Internal Server Error' });
}

function finish(
  { metrics, log, accessLog }: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
): void {
  const method = METRIC_METHODS.has(request.method ?? '') ? (request.method ?? '') : 'other';
  const duration = performance.now() - record.startedAt;
  const sentBytes = Math.max(0, request.socket.bytesWritten - record.bytesBefore);
  metrics.requests.inc({ method, code: response.statusCode });
  metrics.duration.observe({ method }, duration / 1000);
  if (record.headAt !== undefined)
    metrics.timeToFirstByte.observe({ method }, (record.headAt - record.startedAt) / 1000);
  metrics.sentBytes.inc(sentBytes);
  if (!record.completed) metrics.aborts.inc();
  if (accessLog) logAccess(log, request, response, record, duration, sentBytes);
}
