import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import type { Logger } from 'pino';
import { logAccess, type RequestRecord } from './access-log.ts';
import type { Gate } from './auth/gate.ts';
import { checkRequest } from './check-request.ts';
import { corsHeaders } from './content/cors.ts';
import { errorResponseFor } from './http/error-response.ts';
import { merge } from './http/field-lines.ts';
import { readTraceContext } from './http/trace-context.ts';
import type { Metrics } from './metrics.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import { Operation } from './s3/operation.ts';
import { StoreError } from './s3/store-error.ts';
import { serveFromMemory } from './serve-from-memory.ts';
import type { Site } from './serve-object.ts';
import { servePath } from './serve-path.ts';
import type { Tracing } from './tracing/tracing.ts';
import { Turns } from './turns.ts';

export interface ServerOptions {
  site: Site;
  /** Lets requests in; undefined lets everybody in. */
  gate: Gate | undefined;
  metrics: Metrics;
  /** Makes spans of requests; undefined makes none. */
  tracing: Tracing | undefined;
  log: Logger;
  accessLog: boolean;
}

/** What answers on the public port. */
export interface RequestHandling {
  /** Takes every request. What the proxy knows by itself it says at once: through Express that would cost a sixth more. */
  listener: RequestListener;
  /** The Express application, for requests that need the store. */
  app: express.Express;
}

/** Where a request carries what is known of it through Express: a map beside it would cost the garbage collector a look at each entry. */
const CONTEXT = Symbol('context');

type Begun = IncomingMessage & { [CONTEXT]?: RequestContext };

/** Express as it is called by Node; its type has Node's requests only without the third parameter, which takes what Express leaves. */
type Application = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function createRequestHandling(options: ServerOptions): RequestHandling {
  const { site, gate } = options;
  const turns = new Turns();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // The only handler comes first in line: no path is for anybody else.
  app.use((request: Begun) => {
    const context = request[CONTEXT];
    if (context) void serveFromStore(options, context);
  });

  const application = app as Application;

  function serve(context: RequestContext): void {
    if (serveFromMemory(context, site)) {
      noteHead(context);
    } else {
      (context.request as Begun)[CONTEXT] = context;
      // A target that Express cannot read it would answer by itself: that is for us as well.
      application(context.request, context.response, () => void serveFromStore(options, context));
    }
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const context = begin(options, request, response);
    const proceed = (mayHaveObject: boolean) => (mayHaveObject ? serve(context) : noteHead(context));
    try {
      const checked = checkRequest(context, site.policy, gate);
      if (checked instanceof Promise) checked.then(proceed).catch((error) => fail(options, context, error));
      else proceed(checked);
    } catch (error) {
      fail(options, context, error);
    }
  }

  const listener: RequestListener = (request, response) =>
    turns.take(request.socket, response, () => handle(request, response));
  return { listener, app };
}

async function serveFromStore(options: ServerOptions, context: RequestContext): Promise<void> {
  try {
    await servePath(context, options.site);
    noteHead(context);
  } catch (error) {
    fail(options, context, error);
  }
}

function noteHead({ record }: RequestContext): void {
  record.headAt ??= performance.now();
}

function begin(options: ServerOptions, request: IncomingMessage, response: ServerResponse): RequestContext {
  const { policy } = options.site;
  const { cors } = policy.config;
  const client = readTraceContext(request.headers);
  const trace = options.tracing?.begin(request, client);
  const operation = new Operation(client?.headers, trace);
  const record: RequestRecord = {
    startedAt: performance.now(),
    headAt: undefined,
    bytesBefore: request.socket.bytesWritten,
    user: undefined,
    traceId: trace?.traceId ?? client?.traceId,
    trace,
    failure: undefined,
    completed: false,
  };
  response.on('finish', () => {
    record.completed = true;
  });
  response.on('close', () => {
    if (!record.completed) operation.cancel();
    operation.end();
    finish(options, request, response, record);
  });
  return {
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
  const tallies = metrics.ofMethod(request.method);
  const duration = performance.now() - record.startedAt;
  const sentBytes = Math.max(0, request.socket.bytesWritten - record.bytesBefore);
  tallies.answers(response.statusCode).add();
  tallies.duration.observe(duration / 1000);
  if (record.headAt !== undefined) tallies.timeToFirstByte.observe((record.headAt - record.startedAt) / 1000);
  metrics.sentBytes.add(sentBytes);
  if (!record.completed) metrics.aborts.inc();
  const { trace, failure, completed } = record;
  trace?.end({ status: response.statusCode, sentBytes, failure, completed });
  if (accessLog) logAccess(log, request, response, record, duration, sentBytes);
}
