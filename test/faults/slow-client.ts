import { connect, type Socket } from 'node:net';

/** A client that holds a connection without ever getting anywhere. */
export interface SlowClient {
  /** When the proxy ended the connection, in milliseconds since it was opened; rejects never. */
  readonly ended: Promise<number>;
  hangUp(): void;
}

/** Milliseconds between two bytes of those that dribble. */
const DRIP_MS = 200;

/** The ways to be slow. Each gets a new connection and does its worst with it. */
export const SLOW_WAYS = {
  'says nothing': (socket) => {
    socket.resume();
  },
  'dribbles headers': (socket) => {
    socket.resume();
    socket.write('GET /small HTTP/1.1\r\nHost: proxy\r\nX-Slow: ');
    drip(socket);
  },
  'dribbles headers after a good request': (socket) => {
    socket.write('GET /small HTTP/1.1\r\nHost: proxy\r\n\r\nGET /small HTTP/1.1\r\nHost: proxy\r\nX-Slow: ');
    socket.resume();
    drip(socket);
  },
  'dribbles a body': (socket) => {
    socket.write('GET /small HTTP/1.1\r\nHost: proxy\r\nContent-Length: 10000\r\n\r\n');
    socket.resume();
    drip(socket);
  },
  'stays after a good request': (socket) => {
    socket.write('GET /small HTTP/1.1\r\nHost: proxy\r\n\r\n');
    socket.resume();
  },
  'never reads': (socket) => {
    socket.write('GET /large HTTP/1.1\r\nHost: proxy\r\n\r\n');
  },
} as const satisfies Record<string, (socket: Socket) => void>;

export type SlowWay = keyof typeof SLOW_WAYS;

export function startSlowClient(port: number, way: SlowWay): SlowClient {
  const opened = performance.now();
  const socket = connect(port, '127.0.0.1');
  // It reads only if told to; without that it does not see its end either.
  socket.pause();
  socket.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => {
    socket.once('close', () => resolve(performance.now() - opened));
  });
  socket.once('connect', () => SLOW_WAYS[way](socket));
  return { ended, hangUp: () => socket.destroy() };
}

function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}
