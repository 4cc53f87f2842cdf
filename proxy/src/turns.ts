import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client that has sent this many requests ahead of the answer it waits for gets no further. */
const MAX_WAITING = 64;

/**
 * Lets the requests of one connection through one after the other, as their answers go out. A client may send many at once (RFC 9112 §9.3.2), and
 * Node would start them all: so a single connection could hold every connection to the store, or fill the memory with what waits for a reader.
 */
export class Turns {
  readonly #lines = new WeakMap<Socket, Line>();

  /** Starts the work for a request when its turn comes: never, if the connection ends before. */
  take(socket: Socket, response: ServerResponse, start: () => void): void {
    // Behind an answer that ends the connection nothing can be said any more, and Node would keep what was begun for ever.
    if (!socket.writable) return;
    let line = this.#lines.get(socket);
    if (line === undefined) {
      line = { busy: false, waiting: [] };
      this.#lines.set(socket, line);
    }
    if (!line.busy) begin(socket, line, response, start);
    else if (line.waiting.length < MAX_WAITING) line.waiting.push({ response, start });
    else socket.destroy();
  }
}

/** What goes on on a connection: kept with it, so that a request costs no more than a look. */
interface Line {
  /** A request is worked on. */
  busy: boolean;
  /** Those behind it. */
  waiting: { response: ServerResponse; start: () => void }[];
}

function begin(socket: Socket, line: Line, response: ServerResponse, start: () => void): void {
  line.busy = true;
  start();
  // After those who began with this request: they are done with it before the next one begins.
  response.on('close', () => {
    line.busy = false;
    const next = socket.writable ? line.waiting.shift() : undefined;
    if (next) begin(socket, line, next.response, next.start);
  });
}
