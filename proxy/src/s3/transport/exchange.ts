import { Body, type BodyFlow } from '../body.ts';
import type { Operation } from '../operation.ts';
import { StoreError } from '../store-error.ts';
import type { StoreHeaders } from './response-head.ts';
import type { ResponseEvents } from './response-parser.ts';
import type { SlabPool } from './slabs.ts';

/** One answer of the store: status and headers are complete, the body may still be on its way. */
export interface StoreResponse {
  status: number;
  headers: StoreHeaders;
  body: Body;
}

/** The connection an exchange is on, as the exchange sees it. */
export interface Carrier {
  pause(): void;
  resume(): void;
  destroy(): void;
  /** Makes the bytes that are being parsed last, and goes on with another slab. */
  keep(bytes: Buffer): KeptBytes;
}

/** Bytes that stay as they are until their slab is given back. */
export interface KeptBytes {
  slab: Buffer;
  bytes: Buffer;
}

/** One request and its response, from queue to last byte. */
export class Exchange implements ResponseEvents, BodyFlow {
  readonly method: 'GET' | 'HEAD';
  /** The whole request, ready to be written. */
  readonly text: string;
  readonly body = new Body();
  /** When it entered the queue, in milliseconds of the monotonic clock. */
  readonly queuedAt: number;
  readonly #slabs: SlabPool;
  readonly #resolve: (response: StoreResponse) => void;
  readonly #reject: (error: StoreError) => void;
  #carrier: Carrier | undefined;
  #kept: Buffer | undefined;
  #state: 'queued' | 'sent' | 'answered' | 'done' = 'queued';

  constructor(
    request: { method: 'GET' | 'HEAD'; text: string; queuedAt: number },
    slabs: SlabPool,
    operation: Operation,
    resolve: (response: StoreResponse) => void,
    reject: (error: StoreError) => void,
  ) {
    this.method = request.method;
    this.text = request.text;
    this.queuedAt = request.queuedAt;
    this.#slabs = slabs;
    this.#resolve = resolve;
    this.#reject = reject;
    operation.onCancel(() => this.#cancel());
  }

  /** False once there is nothing left to do, in the queue too. */
  get wanted(): boolean {
    return this.#state !== 'done';
  }

  /** Whether the response has begun. */
  get answered(): boolean {
    return this.#state === 'answered';
  }

  /** It is on its way on a connection. */
  attach(carrier: Carrier): void {
    this.#carrier = carrier;
    this.#state = 'sent';
  }

  onHead(status: number, headers: StoreHeaders): void {
    this.#state = 'answered';
    this.body.connect(this);
    this.#resolve({ status, headers, body: this.body });
  }

  onData(chunk: Buffer): void {
    this.body.push(chunk);
  }

  onEnd(): void {
    this.#state = 'done';
    this.#carrier = undefined;
    this.body.end();
  }

  /** It cannot be carried on; harmless when it is over already. */
  fail(error: StoreError): void {
    const before = this.#state;
    this.#state = 'done';
    this.#carrier = undefined;
    if (before === 'answered') this.body.fail(error);
    else if (before !== 'done') this.#reject(error);
  }

  keep(chunk: Buffer): Buffer {
    const kept = this.#kept === undefined ? this.#carrier?.keep(chunk) : undefined;
    if (!kept) return Buffer.from(chunk);
    this.#kept = kept.slab;
    return kept.bytes;
  }

  release(): void {
    if (this.#kept) this.#slabs.giveBack(this.#kept);
    this.#kept = undefined;
  }

  pause(): void {
    this.#carrier?.pause();
  }

  resume(): void {
    this.#carrier?.resume();
  }

  abort(): void {
    const carrier = this.#carrier;
    this.#state = 'done';
    this.#carrier = undefined;
    carrier?.destroy();
  }

  #cancel(): void {
    if (this.#state === 'answered') {
      this.body.cancel();
    } else if (this.#state !== 'done') {
      this.abort();
      this.#reject(new StoreError('canceled', 'ClientAborted'));
    }
  }
}
