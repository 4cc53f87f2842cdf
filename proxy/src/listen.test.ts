import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { closeGracefully, listen, partWithClients } from './listen.ts';
import { converse } from './testing/http-client.ts';

const LONG_MS = 60_000;
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('once a server parts with its clients, each answer is the last of its connection', async () => {
  const server = createServer((_, response) => response.end('x'));
  const port = await listen(server, 0);
  const kept = connect({ port, host: '127.0.0.1' });
  const ended = new Promise((resolve) => kept.once('close', resolve));
  let said = '';
  kept.on('data', (data) => {
    said += data.toString('latin1');
  });
  kept.write(get);
  await vi.waitFor(() => expect(said).toMatch(/keep-alive[\s\S]*x/i));
  partWithClients(server);
  kept.write(get);
  await ended;
  expect(said.slice(said.indexOf('x') + 1)).toMatch(/Connection: close/i);
  // A new connection is still taken.
  expect(await converse(port, get)).toMatch(/^HTTP\/1\.1 200[\s\S]*Connection: close/i);
  await closeGracefully(server, LONG_MS);
  await expect(converse(port, get)).rejects.toThrow('ECONNREFUSED');
});

test('a connection whose answer was under way is closed when it is done, not when the time is over', async () => {
  const underWay: ServerResponse[] = [];
  const server = createServer((_, response) => underWay.push(response));
  const port = await listen(server, 0);
  const answer = converse(port, get);
  await vi.waitFor(() => expect(underWay).toHaveLength(1));
  underWay[0]?.writeHead(200, { 'Content-Length': '2' }).write('a');
  const closed = closeGracefully(server, LONG_MS);
  await turn();
  underWay[0]?.end('b');
  expect(await answer).toMatch(/ab$/);
  await closed;
});

test('what is not done in time is cut', async () => {
  let started = false;
  const server = createServer(() => {
    started = true;
  });
  const port = await listen(server, 0);
  const answer = converse(port, get);
  await vi.waitFor(() => expect(started).toBe(true));
  await closeGracefully(server, 50);
  expect(await answer).toBe('');
});
