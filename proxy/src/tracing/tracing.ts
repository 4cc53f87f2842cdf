import type { IncomingMessage } from 'node:http';
import type { TraceContext } from '../http/trace-context.ts';

/** Makes spans of requests, and of the calls to the store that they cause. */
export interface Tracing {
  /**
   * Begins the span of a request.
   * @param parent the client's trace; without it a new one begins
   */
  begin(request: IncomingMessage, parent: TraceContext | undefined): RequestTrace;
  /** Sends what has not been sent yet, for a few seconds at most. Never rejects. */
  stop(): Promise<void>;
}

/** The span of a request. */
export interface RequestTrace extends StoreCalls {
  /** 32 and 16 hexadecimal digits (W3C Trace Context §3.2.2). */
  traceId: string;
  spanId: string;
  end(outcome: RequestOutcome): void;
}

/** What became of a request. */
export interface RequestOutcome {
  status: number;
  /** Bytes that went to the client, head included. */
  sentBytes: number;
  /** Why it failed, if it did: the store's code or an internal word. */
  failure: string | undefined;
  /** False when the client went away before its end. */
  completed: boolean;
}

/** Makes spans of calls to the store. */
export interface StoreCalls {
  /** @param resends how often the same has been asked before, for the same request */
  beginCall(method: string, host: string, resends: number): CallTrace;
}

/** The span of one call to the store. */
export interface CallTrace {
  /** W3C trace context headers for the store, as alternating names and values. */
  headers: readonly string[];
  /**
   * @param status undefined without an answer
   * @param failure kind of failure, if it was one
   */
  end(status: number | undefined, failure: string | undefined): void;
}
