import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listen } from '../../listen.ts';
import { Operation } from '../operation.ts';
import { readText } from '../read-text.ts';
import type { Timeouts } from './connection.ts';
import { Transport } from './transport.ts';

/** Whom a request came from, and a way to answer it. */
interface Arrived {
  /** Number of the connection, from 1. */
  connection: number;
  target: string;
  answer(extra?: string): void;
  hangUp(): void;
}

let server: Server;
let origin: string;
let sockets: Socket[];
let arrived: Arrived[];
/** Called with each request; by default they wait for the test. */
let onRequest: (request: Arrived) => void;

beforeEach(async () => {
  sockets = [];
  arrived = [];
  onRequest = () => {};
  server = createServer((socket) => {
    const connection = sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const request = {
        connection,
        target: /^GET (\S+)/.exec(data.toString())?.[1] ?? '',
        answer: (extra = '') => void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${extra}\r\nok`),
        hangUp: () => void socket.destroy(),
      };
      arrived.push(request);
      onRequest(request);
    });
  });
  origin = `http://127.0.0.1:${await listen(server, 0)}`;
});
const transports: Transport[] = [];
afterEach(async () => {
  for (const transport of transports.splice(0)) transport.destroy();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

function open(maxConnections: number, timeouts: Partial<Timeouts> = {}) {
  const limits = { connect: 5000, headers: 5000, idleBody: 5000, queue: 5000, keepAlive: 5000, ...timeouts };
  const transport = new Transport({ maxConnections, timeouts: limits });
  transports.push(transport);
  const send = async (target: string, { operation = new Operation(), fresh = false } = {}) => {
    const headers = ['host', 'store'];
    const { body } = await transport.send({ origin, target, method: 'GET', headers, fresh }, operation);
    return readText(body, 100);
  };
  return { transport, send };
}

const targets = () => arrived.map(({ target }) => target);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 5 });

describe('connections', () => {
  test('are never more than allowed: who comes too many waits in line, in order', async () => {
    const { transport, send } = open(2);
    const all = ['/1', '/2', '/3', '/4'].map((target) => send(target));
    await eventually(() => expect(arrived).toHaveLength(2));
    expect(transport.stats()).toEqual({ open: 2, idle: 0, queued: 2 });
    arrived[0]?.answer();
    await eventually(() => expect(arrived).toHaveLength(3));
    arrived[1]?.answer();
    await eventually(() => expect(targets().slice(2)).toEqual(['/3', '/4']));
    arrived[2]?.answer();
    arrived[3]?.answer();
    expect(await Promise.all(all)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(sockets).toHaveLength(2);
    expect(transport.stats()).toEqual({ open: 2, idle: 2, queued: 0 });
  });

  test('are used again, the last one first', async () => {
    const { send } = open(10);
    const both = [send('/1'), send('/2')];
    await eventually(() => expect(arrived).toHaveLength(2));
    for (const request of arrived) request.answer();
    await Promise.all(both);
    onRequest = (request) => request.answer();
    const used = arrived[1]?.connection;
    await send('/3');
    await send('/4');
    expect(arrived.slice(2).map(({ connection }) => connection)).toEqual([used, used]);
  });

  test('are closed when they have been idle for long', async () => {
    const { transport, send } = open(10, { keepAlive: 50 });
    onRequest = (request) => request.answer();
    await send('/1');
    await eventually(() => expect(transport.stats().open).toBe(0));
  });

  test('are not used again when the store says that they end', async () => {
    const { send } = open(10);
    onRequest = (request) => request.answer('Connection: close\r\n');
    await send('/1');
    await send('/2');
    expect(sockets).toHaveLength(2);
  });

  test('that a canceled answer was on are closed: there is no other way to stop it', async () => {
    const { transport, send } = open(1);
    const operation = new Operation();
    const first = send('/1', { operation });
    const second = send('/2');
    await eventually(() => expect(arrived).toHaveLength(1));
    operation.cancel();
    await expect(first).rejects.toMatchObject({ kind: 'canceled' });
    onRequest = (request) => request.answer();
    expect(await second).toBe('ok');
    expect(sockets).toHaveLength(2);
    expect(transport.stats()).toEqual({ open: 1, idle: 1, queued: 0 });
  });
});

describe('the line', () => {
  test('is not for ever: who waits too long is told that the store is busy', async () => {
    const { send } = open(1, { queue: 800 });
    const first = send('/1');
    await eventually(() => expect(arrived).toHaveLength(1));
    await expect(send('/2')).rejects.toMatchObject({ kind: 'slow-down', code: 'QueueTimeout' });
    arrived[0]?.answer();
    expect(await first).toBe('ok');
  });

  test('is left by those who are canceled, and never asks for them', async () => {
    const { send } = open(1);
    const first = send('/1');
    const operation = new Operation();
    const second = send('/2', { operation });
    const third = send('/3');
    await eventually(() => expect(arrived).toHaveLength(1));
    operation.cancel();
    await expect(second).rejects.toMatchObject({ kind: 'canceled' });
    onRequest = (request) => request.answer();
    arrived[0]?.answer();
    expect(await Promise.all([first, third])).toEqual(['ok', 'ok']);
    expect(targets()).toEqual(['/1', '/3']);
  });
});

describe('a connection that turns out to be dead', () => {
  test('when it is used again has a code of its own; a fresh one is asked for then', async () => {
    const { send } = open(10);
    onRequest = (request) => request.answer();
    await send('/1');
    onRequest = (request) => request.hangUp();
    await expect(send('/2')).rejects.toMatchObject({ kind: 'connection', code: 'StaleConnection' });
    onRequest = (request) => request.answer();
    await send('/3');
    expect(await send('/4', { fresh: true })).toBe('ok');
    expect(arrived.at(-1)?.connection).toBe(sockets.length);
  });

  test('on its first use is just a failure', async () => {
    const { send } = open(10);
    onRequest = (request) => request.hangUp();
    await expect(send('/1')).rejects.toMatchObject({ kind: 'connection', code: 'ConnectionClosed' });
  });

  test('while it is idle is forgotten', async () => {
    const { transport, send } = open(10);
    onRequest = (request) => request.answer();
    await send('/1');
    sockets[0]?.destroy();
    await eventually(() => expect(transport.stats().open).toBe(0));
    expect(await send('/2')).toBe('ok');
  });
});

describe('limits of time', () => {
  test('for the headers of an answer', async () => {
    const { send } = open(10, { headers: 50 });
    await expect(send('/1')).rejects.toMatchObject({ kind: 'timeout', code: 'HeadersTimeout' });
  });

  test('between two pieces of a body', async () => {
    const { send } = open(10, { idleBody: 50 });
    onRequest = () => void sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok');
    await expect(send('/1')).rejects.toMatchObject({ kind: 'timeout', code: 'BodyTimeout' });
  });

  test('not for a reader that takes its time', async () => {
    const { transport } = open(10, { idleBody: 500 });
    const content = 'x'.repeat(300_000);
    onRequest = () =>
      void sockets[0]?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`);
    const headers = ['host', 'store'];
    const { body } = await transport.send(
      { origin, target: '/', method: 'GET', headers, fresh: false },
      new Operation(),
    );
    await sleep(1000);
    expect(await readText(body, content.length)).toBe(content);
  });
});

test('a store that cannot be reached fails those who wait', async () => {
  const { transport } = open(10);
  const send = () =>
    transport.send(
      { origin: 'http://127.0.0.1:1', target: '/', method: 'GET', headers: [], fresh: false },
      new Operation(),
    );
  const outcomes = await Promise.allSettled([send(), send(), send()]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { kind: 'connection', code: 'ECONNREFUSED' },
    });
  expect(transport.stats()).toEqual({ open: 0, idle: 0, queued: 0 });
});

test('the end leaves nothing open, and nobody waiting', async () => {
  const { transport, send } = open(1);
  const all = Promise.allSettled([send('/1'), send('/2')]);
  await eventually(() => expect(arrived).toHaveLength(1));
  transport.destroy();
  for (const outcome of await all)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'canceled' } });
  await eventually(() => expect(sockets.every((socket) => socket.destroyed)).toBe(true));
  // Nothing has taken the closed one's place.
  await sleep(50);
  expect(sockets).toHaveLength(1);
});
