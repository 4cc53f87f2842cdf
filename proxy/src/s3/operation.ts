import type { StoreCalls } from '../tracing/tracing.ts';

/**
 * The work that one client request causes at the store: it is given up when the client goes away, and it belongs to the client's trace.
 * One listener at a time is enough, because a request has one exchange under way at a time; it costs a fraction of an AbortSignal.
 */
export class Operation {
  /** W3C trace context headers for the store, as alternating names and values. */
  readonly traceHeaders: readonly string[];
  /** Makes spans of its calls, where traces are wanted; their headers go before `traceHeaders`. */
  readonly calls: StoreCalls | undefined;
  #canceled = false;
  #listener: (() => void) | undefined;
  #over = false;
  #releases: (() => void)[] | undefined;

  constructor(traceHeaders: readonly string[] = [], calls?: StoreCalls) {
    this.traceHeaders = traceHeaders;
    this.calls = calls;
  }

  get canceled(): boolean {
    return this.#canceled;
  }

  /** Sets what to stop; undefined when nothing is under way. Called at once if it is too late already. */
  onCancel(listener: (() => void) | undefined): void {
    if (this.#canceled) listener?.();
    else this.#listener = listener;
  }

  /** Has something given back when the request is over, however it ends; at once if it is over already. */
  releaseAtEnd(release: () => void): void {
    if (this.#over) release();
    else if (this.#releases) this.#releases.push(release);
    else this.#releases = [release];
  }

  cancel(): void {
    if (this.#canceled) return;
    this.#canceled = true;
    this.#listener?.();
    this.#listener = undefined;
  }

  /** The request is over: its answer has been sent, or will never be. */
  end(): void {
    this.#over = true;
    if (this.#releases) for (const release of this.#releases) release();
    this.#releases = undefined;
  }
}
