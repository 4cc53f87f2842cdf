import type { OnReadOpts, Socket } from 'node:net';
import { StoreError } from '../store-error.ts';
import type { Carrier, Exchange, KeptBytes } from './exchange.ts';
import { ResponseParser } from './response-parser.ts';
import type { SlabPool } from './slabs.ts';

/** Limits on the store's side, in milliseconds. */
export interface Timeouts {
  /** From the first packet to a usable connection, TLS included. */
  connect: number;
  /** From the request to the response's headers. */
  headers: number;
  /** Between two pieces of a body, whoever is to blame: the store, or a reader that wants no more for now. */
  idleBody: number;
  /** An unused connection is closed after this long. */
  keepAlive: number;
  /** Waiting for a connection when all are busy. */
  queue: number;
}

/** Opens a socket that reads the way `onread` says, and calls back when it can be written to. */
export type OpenSocket = (onread: OnReadOpts, onReady: () => void) => Socket;

/** Whom a connection tells about itself. */
export interface ConnectionOwner {
  onReady(connection: Connection): void;
  onIdle(connection: Connection): void;
  /** @param connectFailure why it never opened; undefined when it did */
  onClosed(connection: Connection, connectFailure: StoreError | undefined): void;
}

/** One HTTP/1.1 connection to the store, carrying one exchange at a time. */
export class Connection implements Carrier {
  /** Monotonic time in milliseconds at which it has waited too long for what it waits for. */
  deadline: number;
  readonly #timeouts: Timeouts;
  readonly #slabs: SlabPool;
  readonly #owner: ConnectionOwner;
  readonly #parser = new ResponseParser();
  readonly #socket: Socket;
  /** Owned while a body is on its way: its reader may be at work on bytes that lie in it. */
  #slab: Buffer | undefined;
  #exchange: Exchange | undefined;
  #phase: 'connecting' | 'open' | 'closed' = 'connecting';
  /** Since when the reader has wanted no more, in milliseconds of the monotonic clock. */
  #pausedAt: number | undefined;
  /** Exchanges that it carried to their end. */
  #carried = 0;

  constructor(open: OpenSocket, slabs: SlabPool, timeouts: Timeouts, owner: ConnectionOwner) {
    this.#slabs = slabs;
    this.#timeouts = timeouts;
    this.#owner = owner;
    this.deadline = performance.now() + timeouts.connect;
    const onread = {
      buffer: () => this.#target,
      callback: (length: number) => this.#onRead(length),
    };
    this.#socket = open(onread, () => this.#onReady());
    this.#socket.on('error', (cause: NodeJS.ErrnoException) =>
      this.#close('connection', cause.code ?? cause.name, cause),
    );
    this.#socket.on('end', () => this.#onPeerClosed());
    this.#socket.on('close', () => this.#close('connection', 'ConnectionClosed'));
  }

  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.deadline = performance.now() + this.#timeouts.headers;
    exchange.attach(this);
    this.#parser.expect(exchange.method, exchange);
    this.#socket.write(exchange.text, 'latin1');
  }

  /** The deadline has passed. */
  expire(): void {
    if (this.#phase === 'connecting') this.#close('timeout', 'ConnectTimeout');
    else if (!this.#exchange) this.destroy();
    else if (this.#pausedAt === undefined)
      this.#close('timeout', this.#exchange.answered ? 'BodyTimeout' : 'HeadersTimeout');
    // A reader that takes its time is watched by the server's own limits.
    else if (!this.giveUp()) this.deadline = Number.POSITIVE_INFINITY;
  }

  /** How long the reader has wanted no more, in milliseconds. */
  stalledFor(now: number): number {
    return this.#pausedAt === undefined ? 0 : now - this.#pausedAt;
  }

  /** Leaves a reader that has stalled: it gets another connection when it goes on. False if its body is one that cannot go on. */
  giveUp(): boolean {
    if (!this.#exchange?.body.mendable) return false;
    this.#close('timeout', 'ReaderStalled');
    return true;
  }

  pause(): void {
    this.#pausedAt = performance.now();
    this.deadline = this.#pausedAt + this.#timeouts.idleBody;
    this.#socket.pause();
  }

  resume(): void {
    this.#pausedAt = undefined;
    this.deadline = performance.now() + this.#timeouts.idleBody;
    this.#socket.resume();
  }

  destroy(): void {
    this.#close('canceled', 'Destroyed');
  }

  keep(bytes: Buffer): KeptBytes {
    const own = this.#slab;
    if (own !== undefined) {
      this.#slab = undefined;
      return { slab: own, bytes };
    }
    const slab = this.#slabs.take();
    bytes.copy(slab);
    return { slab, bytes: slab.subarray(0, bytes.length) };
  }

  /** What the socket reads into. */
  get #target(): Buffer {
    return this.#slab ?? this.#slabs.common;
  }

  #onReady(): void {
    if (this.#phase !== 'connecting') return;
    this.#phase = 'open';
    this.#owner.onReady(this);
  }

  #onRead(length: number): boolean {
    const exchange = this.#exchange;
    try {
      // A pause, here or below, counts from then on; so the deadline is moved before the bytes are handed out.
      if (exchange) this.deadline = performance.now() + this.#timeouts.idleBody;
      this.#parser.feed(this.#target.subarray(0, length));
    } catch (error) {
      this.#close('protocol', error instanceof StoreError ? error.code : 'BadResponse', error);
      return false;
    }
    if (exchange && this.#parser.idle) this.#onExchangeEnd();
    else if (exchange?.answered) this.#slab ??= this.#slabs.take();
    return this.#phase === 'open';
  }

  #onExchangeEnd(): void {
    this.#exchange = undefined;
    this.#pausedAt = undefined;
    this.#carried += 1;
    if (this.#slab) this.#slabs.giveBack(this.#slab);
    this.#slab = undefined;
    if (this.#phase !== 'open') return;
    if (!this.#parser.keepAlive) {
      this.destroy();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    this.deadline = performance.now() + this.#timeouts.keepAlive;
    this.#owner.onIdle(this);
  }

  #onPeerClosed(): void {
    if (this.#parser.finish()) {
      this.#exchange = undefined;
      this.destroy();
    } else {
      this.#close('connection', 'ConnectionClosed');
    }
  }

  #close(kind: 'connection' | 'timeout' | 'protocol' | 'canceled', code: string, cause?: unknown): void {
    if (this.#phase === 'closed') return;
    const wasConnecting = this.#phase === 'connecting';
    this.#phase = 'closed';
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#socket.destroy();
    // The store may close an idle connection at the very moment we use it: nobody's fault, so it has a code of its own.
    const stale = kind === 'connection' && this.#carried > 0 && exchange !== undefined && !exchange.answered;
    const error = new StoreError(kind, stale ? 'StaleConnection' : code, { cause });
    exchange?.fail(error);
    this.#owner.onClosed(this, wasConnecting ? error : undefined);
  }
}
