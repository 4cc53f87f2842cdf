import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Operation } from '../operation.ts';
import type { OpenSocket, Timeouts } from './connection.ts';
import { ConnectionPool, type PoolStats } from './connection-pool.ts';
import { Exchange, type StoreResponse } from './exchange.ts';
import { SlabPool } from './slabs.ts';

export interface TransportRequest {
  /** Scheme, host and port. */
  origin: string;
  /** Path and query, percent-encoded. */
  target: string;
  method: 'GET' | 'HEAD';
  /** Alternating names and values, `host` among them. */
  headers: readonly string[];
  /** Wants a connection that has never been used, because a used one has just turned out to be dead. */
  fresh: boolean;
}

export interface TransportOptions {
  timeouts: Timeouts;
  /** Connections to one origin. */
  maxConnections: number;
}

/**
 * An HTTP/1.1 client for bodyless requests whose memory does not depend on the garbage collector: each connection reads into a slab of its own, and the
 * bytes go on from there. ADR 5 has the figures that made it worth having.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #slabs = new SlabPool();
  readonly #pools = new Map<string, ConnectionPool>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * Sends a request and resolves when the response's headers are there. The body fails with a StoreError too.
   * @throws StoreError of kind connection, timeout, slow-down (no connection came free), protocol or canceled
   */
  send(request: TransportRequest, operation: Operation): Promise<StoreResponse> {
    const { method, origin, fresh } = request;
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(
        { method, text: requestText(request), queuedAt: performance.now() },
        this.#slabs,
        operation,
        resolve,
        reject,
      );
      if (exchange.wanted) this.#poolFor(origin).send(exchange, fresh);
    });
  }

  /** Connections of all pools together. */
  stats(): PoolStats {
    const sum = { open: 0, idle: 0, queued: 0 };
    for (const pool of this.#pools.values()) {
      const { open, idle, queued } = pool.stats();
      sum.open += open;
      sum.idle += idle;
      sum.queued += queued;
    }
    return sum;
  }

  destroy(): void {
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools.clear();
  }

  #poolFor(origin: string): ConnectionPool {
    let pool = this.#pools.get(origin);
    if (!pool) {
      const { timeouts, maxConnections } = this.#options;
      pool = new ConnectionPool(socketOpener(origin), this.#slabs, timeouts, maxConnections);
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

/** Paths and header values come from our own signing and from validated parts, so they hold no line break. */
function requestText({ method, target, headers }: TransportRequest): string {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}

function socketOpener(origin: string): OpenSocket {
  const url = new URL(origin);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:') {
    const port = Number(url.port || 80);
    return (onread, onReady) => connectTcp({ host, port, onread, noDelay: true }, onReady);
  }
  const port = Number(url.port || 443);
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  let session: Buffer | undefined;
  return (onread, onReady) => {
    const options = { host, port, onread, noDelay: true, ALPNProtocols: ['http/1.1'], ...servername };
    const socket = connectTls(session ? { ...options, session } : options, onReady);
    socket.on('session', (ticket) => {
      session = ticket;
    });
    return socket;
  };
}
