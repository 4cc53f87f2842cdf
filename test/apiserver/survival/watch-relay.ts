import type { Dispatcher } from 'undici';

/** A watch between the server and an operator. */
export interface WatchRelay {
  /** For the server's side. */
  readonly handler: Dispatcher.DispatchHandler;
  /** Events that arrived and were not passed on. */
  readonly held: number;
  /** Passes on what is held. */
  pass(): void;
  /** Breaks the connection; what is held never arrives. */
  reset(): void;
  /** Has the server say that it has forgotten the history since the last event that was passed on. */
  expire(): void;
}

export interface WatchRelayEvents {
  /** An event came from the server: somebody is to call `pass`, now or later. */
  arrived(): void;
  /** The operator was told of the collection up to a version. */
  passed(version: string | undefined): void;
  ended(): void;
}

const EXPIRED = {
  type: 'ERROR',
  object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410 },
};

const NEWLINE = 0x0a;

/** Stands for the connection of a request that was never sent. */
export const nobody = {
  aborted: true,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort: () => {},
  pause: () => {},
  resume: () => {},
} as Dispatcher.DispatchController;

export function createWatchRelay(
  operator: Dispatcher.DispatchHandler,
  { arrived, passed, ended }: WatchRelayEvents,
): WatchRelay {
  let controller: Dispatcher.DispatchController | undefined;
  let open = true;
  let answered = false;
  let unfinished: Buffer = Buffer.alloc(0);
  let held: Buffer[] = [];

  function finish(): boolean {
    if (!open) return false;
    open = false;
    held = [];
    ended();
    return true;
  }

  const relay: WatchRelay = {
    get held() {
      return held.length;
    },
    pass() {
      const lines = held;
      held = [];
      for (const line of lines) {
        if (!open || controller === undefined) return;
        operator.onResponseData?.(controller, line);
        const event = JSON.parse(line.toString()) as { object?: { metadata?: { resourceVersion?: string } } };
        passed(event.object?.metadata?.resourceVersion);
      }
    },
    reset() {
      const before = controller;
      if (!finish()) return;
      const error = new Error('the watch broke (test)');
      operator.onResponseError?.(before ?? nobody, error);
      before?.abort(error);
    },
    expire() {
      const before = controller;
      if (before === undefined || !answered) return relay.reset();
      if (!finish()) return;
      operator.onResponseData?.(before, Buffer.from(`${JSON.stringify(EXPIRED)}\n`));
      operator.onResponseEnd?.(before, {});
      before.abort(new Error('the watch expired (test)'));
    },
    handler: {
      onRequestStart(control, context) {
        controller = control;
        if (open) operator.onRequestStart?.(control, context);
        else control.abort(new Error('the watch broke (test)'));
      },
      onResponseStart(control, ...head) {
        answered = true;
        if (open) operator.onResponseStart?.(control, ...head);
      },
      onResponseData(_control, chunk) {
        if (!open) return;
        unfinished = Buffer.concat([unfinished, chunk]);
        for (let end = unfinished.indexOf(NEWLINE); end >= 0; end = unfinished.indexOf(NEWLINE)) {
          held.push(unfinished.subarray(0, end + 1));
          unfinished = unfinished.subarray(end + 1);
        }
        if (held.length > 0) arrived();
      },
      onResponseEnd(control, trailers) {
        relay.pass();
        if (finish()) operator.onResponseEnd?.(control, trailers);
      },
      onResponseError(control, error) {
        if (finish()) operator.onResponseError?.(control, error);
      },
    },
  };
  return relay;
}
