import { setTimeout as delay } from 'node:timers/promises';
import { formatRange, type RangeSpec } from '../http/range.ts';
import type { CallTrace } from '../tracing/tracing.ts';
import type { CredentialHolder } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { readErrorDocument } from './error-document.ts';
import type { Operation } from './operation.ts';
import { backoffDelay, RetryBudget } from './retry.ts';
import { type Credentials, Signer } from './signature.ts';
import { isTransient, StoreError, storeErrorKind } from './store-error.ts';
import type { StoreResponse } from './transport/exchange.ts';
import type { Transport } from './transport/transport.ts';

/** One bodyless request to the bucket. Path (from its slash on) and query are percent-encoded. */
export interface StoreRequest {
  method: 'GET' | 'HEAD';
  path: string;
  query: string;
  range?: RangeSpec | undefined;
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

export interface StoreClientOptions {
  transport: Transport;
  /** Where the bucket is, given the region that the configuration or the store names. */
  endpointIn: (region: string) => Endpoint;
  region: string;
  credentials: CredentialHolder;
  requestPayer: boolean;
  /** Tries of one request in all, the first included. */
  maxAttempts: number;
  /** Told of each answer or failure of the store, for metrics: `ok` or the kind of error. */
  onAttempt: (result: string) => void;
}

/** Gives up retrying after this long (milliseconds), whatever attempts are left: clients do not wait for ever. */
const RETRY_WINDOW_MS = 15_000;

const REGION = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** What may lie with us when the store refuses. */
type Correction = 'region' | 'clock' | 'credentials';

const REQUEST_PAYER = [['x-amz-request-payer', 'requester']] as const;

/** Sends signed requests to one bucket: retries inside a budget, renews refused credentials, follows the bucket's region. */
export class StoreClient {
  readonly #options: StoreClientOptions;
  readonly #budget = new RetryBudget();
  #endpoint: Endpoint;
  #signer: Signer;
  /** Milliseconds to add to our clock to get the store's. */
  #clockOffset = 0;

  constructor(options: StoreClientOptions) {
    this.#options = options;
    this.#endpoint = options.endpointIn(options.region);
    this.#signer = new Signer(options.region);
  }

  /**
   * Resolves with a successful response (2xx, or 304 where `ifNoneMatch` asks for it) once its headers are there.
   * @throws StoreError
   */
  async send(request: StoreRequest, operation: Operation): Promise<StoreResponse> {
    const start = Date.now();
    let corrected: readonly Correction[] = [];
    let fresh = false;
    for (let attempt = 1; ; attempt++) {
      const credentials = this.#options.credentials.peek() ?? (await this.#fetchCredentials());
      let failure: StoreError;
      try {
        const trial = { credentials, fresh, resends: attempt - 1 };
        const response = await this.#attempt(request, trial, operation);
        if (isWanted(request, response)) {
          this.#options.onAttempt('ok');
          this.#budget.refund();
          return response;
        }
        failure = await this.#readFailure(request, response);
        const correction = await this.#correct(failure, response, credentials, corrected);
        if (correction) {
          this.#options.onAttempt(failure.kind);
          corrected = [...corrected, correction];
          continue;
        }
      } catch (error) {
        failure =
          error instanceof StoreError ? error : new StoreError('protocol', 'Refused', { cause: error });
      }
      this.#options.onAttempt(failure.kind);
      if (failure.code === 'StaleConnection' && !fresh) {
        fresh = true;
        continue;
      }
      const again =
        isTransient(failure.kind) &&
        !operation.canceled &&
        attempt < this.#options.maxAttempts &&
        Date.now() - start < RETRY_WINDOW_MS &&
        this.#budget.spend();
      if (!again) throw failure;
      await delay(backoffDelay(attempt, Math.random()));
    }
  }

  #attempt(
    request: StoreRequest,
    { credentials, fresh, resends }: Trial,
    operation: Operation,
  ): Promise<StoreResponse> {
    const { origin, host, basePath } = this.#endpoint;
    const { method, query } = request;
    const path = basePath + request.path;
    const extraHeaders = this.#options.requestPayer ? REQUEST_PAYER : [];
    const headers = this.#signer.sign(
      { method, host, path, query, extraHeaders },
      credentials,
      Date.now() + this.#clockOffset,
    );
    if (request.range) headers.push('range', formatRange(request.range));
    if (request.ifMatch !== undefined) headers.push('if-match', request.ifMatch);
    if (request.ifNoneMatch !== undefined) headers.push('if-none-match', request.ifNoneMatch);
    const call = operation.calls?.beginCall(method, host, resends);
    headers.push(...(call?.headers ?? operation.traceHeaders));
    const target = query === '' ? path : `${path}?${query}`;
    const response = this.#options.transport.send({ origin, target, method, headers, fresh }, operation);
    return call === undefined ? response : traced(call, response);
  }

  async #readFailure(request: StoreRequest, response: StoreResponse): Promise<StoreError> {
    const document = request.method === 'HEAD' ? undefined : await readErrorDocument(response.body);
    const code = document?.code || `HTTP${response.status}`;
    const region = response.headers['x-amz-bucket-region'] ?? document?.region;
    return new StoreError(storeErrorKind(response.status, code), code, {
      actualSize: document?.actualSize,
      // It becomes a part of a host name.
      region: region !== undefined && REGION.test(region) ? region : undefined,
    });
  }

  /**
   * Mends what made the store refuse, if that lies with us; what was mended, when the request is worth sending again.
   * @param before what was mended for this request already: nothing is mended twice, or a store that is never content would be asked for ever
   */
  async #correct(
    failure: StoreError,
    response: StoreResponse,
    used: Credentials,
    before: readonly Correction[],
  ): Promise<Correction | undefined> {
    if (failure.region !== undefined && failure.region !== this.#endpoint.region) {
      if (before.includes('region')) return undefined;
      this.#endpoint = this.#options.endpointIn(failure.region);
      this.#signer = new Signer(failure.region);
      return 'region';
    }
    if (failure.code === 'RequestTimeTooSkewed') {
      const storeTime = Date.parse(response.headers.date ?? '');
      if (before.includes('clock') || Number.isNaN(storeTime)) return undefined;
      this.#clockOffset = storeTime - Date.now();
      return 'clock';
    }
    if (failure.kind !== 'credentials' || before.includes('credentials')) return undefined;
    this.#options.credentials.invalidate(used);
    // Another request may have renewed them since this one was sent.
    const renewed = this.#options.credentials.peek() ?? (await this.#fetchCredentials());
    const same = renewed.accessKeyId === used.accessKeyId && renewed.sessionToken === used.sessionToken;
    return same ? undefined : 'credentials';
  }

  async #fetchCredentials(): Promise<Credentials> {
    try {
      return await this.#options.credentials.fetch();
    } catch (cause) {
      throw new StoreError('credentials', 'NoCredentials', { cause });
    }
  }
}

/** How a request is tried. */
interface Trial {
  credentials: Credentials;
  /** Over a connection of its own. */
  fresh: boolean;
  /** Tries before this one. */
  resends: number;
}

/** Ends the call's span when its head is there: what follows is on the request's account. */
async function traced(call: CallTrace, response: Promise<StoreResponse>): Promise<StoreResponse> {
  try {
    const { status } = await response;
    call.end(status, status >= 400 ? String(status) : undefined);
  } catch (error) {
    call.end(undefined, error instanceof StoreError ? error.code : 'Refused');
  }
  return response;
}

/** Nobody else's 304 makes sense: then it is a failure like any other. */
function isWanted({ ifNoneMatch }: StoreRequest, { status }: StoreResponse): boolean {
  return (status >= 200 && status < 300) || (status === 304 && ifNoneMatch !== undefined);
}
