import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client that has sent this many requests ahead of the answer it waits for gets no further. */
const MAX_WAITING = 64;

/**
 * Lets the requests of one connection through one after the other, as their answers go out. A client may send many at once (RFC 9112 §9.3.2), and
 * Node would start them all: so a single connection could hold every connection to the store, or fill the memory with what waits for a reader.
 */
export class Turns {
  /** What waits behind the request that is worked on, by connection. */
  readonly #lines = new WeakMap<Socket, (() => void)[]>();

  /** Starts the work for a request when its turn comes: never, if the connection ends before. */
  take(socket: Socket, response: ServerResponse, start: () => void): void {
    const line = this.#lines.get(socket);
    if (line === undefined) {
      this.#lines.set(socket, []);
      this.#begin(socket, response, start);
    } else if (line.length < MAX_WAITING) {
      line.push(() => this.#begin(socket, response, start));
    } else {
      socket.destroy();
    }
  }

  #begin(socket: Socket, response: ServerResponse, start: () => void): void {
    response.once('close', () => this.#next(socket));
    start();
  }

  #next(socket: Socket): void {
    const start = socket.destroyed ? undefined : this.#lines.get(socket)?.shift();
    if (start === undefined) this.#lines.delete(socket);
    else start();
  }
}
