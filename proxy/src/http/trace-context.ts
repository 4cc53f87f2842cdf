import type { IncomingHttpHeaders } from 'node:http';

/** The trace that a request belongs to (W3C Trace Context). */
export interface TraceContext {
  traceId: string;
  /** The span at the other side that caused the request: 16 hexadecimal digits. */
  parentId: string;
  /** Whether the other side records it. */
  sampled: boolean;
  /** A usable tracestate. */
  state: string | undefined;
  /** Headers to pass on, as alternating names and values. */
  headers: readonly string[];
}

/** Version 00 ends after the flags; a later one may go on behind another dash (§3.2.4). */
const TRACEPARENT =
  /^(?!ff)(?!00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** A combined tracestate longer than this is not passed on (§3.3.1.5 asks for at least 512 characters). */
const MAX_TRACESTATE = 512;

/** Reads traceparent and tracestate; undefined when there is none or it is malformed, which starts no trace here. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return undefined;
  const match = TRACEPARENT.exec(traceparent);
  if (!match) return undefined;
  const [, traceId = '', parentId = '', flags = ''] = match;
  const state = isUsable(tracestate) ? tracestate : undefined;
  const passedOn = ['traceparent', traceparent];
  if (state !== undefined) passedOn.push('tracestate', state);
  // The lowest bit alone has a meaning (§3.2.2.5.1).
  return { traceId, parentId, sampled: Number.parseInt(flags, 16) % 2 === 1, state, headers: passedOn };
}

function isUsable(state: unknown): state is string {
  return typeof state === 'string' && /^[\t\x20-\x7e]+$/.test(state) && state.length <= MAX_TRACESTATE;
}
