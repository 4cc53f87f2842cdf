import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import { Body } from './body.ts';
import type { Cancellation } from './cancellation.ts';
import { StoreError } from './store-error.ts';

/** One answer of the store: status and headers are complete, the body may still be on its way. */
export interface StoreResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Body;
}

export interface ExchangeRequest {
  origin: string;
  path: string;
  method: 'GET' | 'HEAD';
  headers: string[];
}

/**
 * Sends one request and resolves when the response headers are there. The body fails with a StoreError too.
 * @throws StoreError of kind connection, timeout or canceled
 */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  cancellation: Cancellation,
): Promise<StoreResponse> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(cancellation, resolve, reject);
    // undici closes the connection after each HEAD unless told that this server can be trusted with it.
    dispatcher.dispatch({ ...request, reset: false }, handler);
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #body = new Body();
  readonly #cancellation: Cancellation;
  readonly #resolve: (response: StoreResponse) => void;
  readonly #reject: (error: StoreError) => void;
  #started = false;

  constructor(
    cancellation: Cancellation,
    resolve: (response: StoreResponse) => void,
    reject: (error: StoreError) => void,
  ) {
    this.#cancellation = cancellation;
    this.#resolve = resolve;
    this.#reject = reject;
    // Until the request is on a connection, giving up means to forget it when its turn comes.
    cancellation.onCancel(() => this.#reject(canceled()));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#cancellation.canceled) controller.abort(canceled());
    else this.#cancellation.onCancel(() => controller.abort(canceled()));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.#started = true;
    this.#cancellation.onCancel(() => this.#body.cancel());
    this.#body.connect(controller);
    this.#resolve({ status, headers, body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body.push(chunk);
  }

  onResponseEnd(): void {
    this.#body.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const failure = asStoreError(error);
    if (this.#started) this.#body.fail(failure);
    else this.#reject(failure);
  }
}

function canceled(): StoreError {
  return new StoreError('canceled', 'ClientAborted');
}

function asStoreError(error: Error): StoreError {
  if (error instanceof StoreError) return error;
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return new StoreError(timedOut ? 'timeout' : 'connection', code, { cause: error });
}
