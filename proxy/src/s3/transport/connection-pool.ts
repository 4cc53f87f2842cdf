import { StoreError } from '../store-error.ts';
import { Connection, type ConnectionOwner, type OpenSocket, type Timeouts } from './connection.ts';
import type { Exchange } from './exchange.ts';
import type { SlabPool } from './slabs.ts';

/** Connections of one pool, for metrics. */
export interface PoolStats {
  open: number;
  idle: number;
  queued: number;
}

/** How often (milliseconds) deadlines are looked at: one timer for all connections, so that a request costs none. */
const SWEEP_MS = 250;

/** A reader that has stalled for this long (milliseconds) gives its connection to one that waits in line. */
const STALLED_MS = 1_000;

/** Keep-alive connections to one origin. Requests wait in line when all are busy. */
export class ConnectionPool implements ConnectionOwner {
  readonly #open: OpenSocket;
  readonly #slabs: SlabPool;
  readonly #timeouts: Timeouts;
  readonly #maxConnections: number;
  readonly #connections = new Set<Connection>();
  /** Last used first, so that surplus connections grow old and are closed. */
  readonly #idle: Connection[] = [];
  #queue: Exchange[] = [];
  #connecting = 0;
  readonly #sweeper: NodeJS.Timeout;

  constructor(open: OpenSocket, slabs: SlabPool, timeouts: Timeouts, maxConnections: number) {
    this.#open = open;
    this.#slabs = slabs;
    this.#timeouts = timeouts;
    this.#maxConnections = maxConnections;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  stats(): PoolStats {
    return {
      open: this.#connections.size,
      idle: this.#idle.length,
      queued: this.#queue.length,
    };
  }

  /** @param fresh asks for a connection that has never been used */
  send(exchange: Exchange, fresh: boolean): void {
    const connection = fresh ? undefined : this.#idle.pop();
    if (connection) {
      connection.send(exchange);
      return;
    }
    this.#queue.push(exchange);
    this.#connectIfNeeded();
  }

  /** Closes everything; what is under way fails. */
  destroy(): void {
    clearInterval(this.#sweeper);
    // The line is emptied first: a connection that closes is replaced for those in it.
    const queue = this.#queue;
    this.#queue = [];
    for (const exchange of queue) exchange.fail(new StoreError('canceled', 'Destroyed'));
    for (const connection of [...this.#connections]) connection.destroy();
  }

  onReady(connection: Connection): void {
    this.#connecting -= 1;
    this.onIdle(connection);
  }

  onIdle(connection: Connection): void {
    const exchange = this.#nextInLine();
    if (exchange) {
      connection.send(exchange);
    } else {
      connection.deadline = performance.now() + this.#timeouts.keepAlive;
      this.#idle.push(connection);
    }
  }

  onClosed(connection: Connection, connectFailure: StoreError | undefined): void {
    this.#connections.delete(connection);
    const idle = this.#idle.lastIndexOf(connection);
    if (idle !== -1) this.#idle.splice(idle, 1);
    if (connectFailure) {
      this.#connecting -= 1;
      this.#nextInLine()?.fail(connectFailure);
    }
    this.#connectIfNeeded();
  }

  #nextInLine(): Exchange | undefined {
    while (this.#queue.length > 0) {
      const exchange = this.#queue.shift();
      if (exchange?.wanted) return exchange;
    }
    return undefined;
  }

  #connectIfNeeded(): void {
    while (this.#connecting < this.#queue.length && this.#connections.size < this.#maxConnections) {
      this.#connecting += 1;
      this.#connections.add(new Connection(this.#open, this.#slabs, this.#timeouts, this));
    }
  }

  /** Slow readers must not keep the others from the store, however many they are. */
  #makeRoom(now: number): void {
    let missing = this.#queue.length - this.#connecting;
    for (const connection of this.#connections) {
      if (missing <= 0 || this.#connections.size < this.#maxConnections) return;
      if (connection.stalledFor(now) >= STALLED_MS && connection.giveUp()) missing -= 1;
    }
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections) if (now >= connection.deadline) connection.expire();
    this.#makeRoom(now);
    const oldest = this.#queue[0];
    if (oldest === undefined || now - oldest.queuedAt < this.#timeouts.queue) return;
    const late = this.#queue.filter((exchange) => now - exchange.queuedAt >= this.#timeouts.queue);
    this.#queue = this.#queue.filter((exchange) => now - exchange.queuedAt < this.#timeouts.queue);
    for (const exchange of late) exchange.fail(new StoreError('slow-down', 'QueueTimeout'));
  }
}
