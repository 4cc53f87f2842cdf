import { createServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import type express from 'express';

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

/**
 * The HTTP server around the application.
 * @param listener takes every request, and may pass it on to the application
 */
export function createHttpServer(
  app: express.Express,
  limits = LIMITS,
  listener: RequestListener = app,
): Server {
  const server = createServer(
    {
      ...bornForExpress(app),
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
      // What may come once and came twice is told from what came once (RFC 9110 §5.3), instead of the first being believed.
      joinDuplicateHeaders: true,
    },
    listener,
  );
  server.keepAliveTimeout = limits.keepAliveMs;
  server.timeout = limits.stallMs;
  return server;
}

/**
 * Express changes the prototype of each request and response to its own, which makes V8 give up what it has learnt about both: ten microseconds a
 * request. Those made with that prototype from the start are left alone.
 */
function bornForExpress(app: express.Express) {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}
