import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { listen } from './listen.ts';
import { converse } from './testing/http-client.ts';
import { Turns } from './turns.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function start(handle: (path: string, response: ServerResponse) => void): Promise<number> {
  const turns = new Turns();
  server = createServer((request, response) =>
    turns.take(request.socket, response, () => handle(request.url ?? '', response)),
  );
  return listen(server, 0);
}

const get = (path: string, last = false) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;

test('requests of one connection are worked on in turn, those of another meanwhile', async () => {
  const started: string[] = [];
  const waiting: ServerResponse[] = [];
  const port = await start((path, response) => {
    started.push(path);
    if (path === '/now') response.end('now');
    else waiting.push(response);
  });
  const conversation = converse(port, get('/1') + get('/2') + get('/3', true));
  await vi.waitFor(() => expect(started).toEqual(['/1']));
  expect(await converse(port, get('/now', true))).toContain('now');
  expect(started).toEqual(['/1', '/now']);
  for (const path of ['/2', '/3']) {
    waiting.shift()?.end('x');
    await vi.waitFor(() => expect(started.at(-1)).toBe(path));
  }
  waiting.shift()?.end('x');
  expect((await conversation).split('HTTP/1.1 200')).toHaveLength(4);
});

test('a client that sends too many ahead is cut off, and none of them is begun', async () => {
  let started = 0;
  const port = await start(() => {
    started += 1;
  });
  const socket = connect({ port, host: '127.0.0.1' });
  const cut = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
  socket.write(get('/').repeat(100));
  await cut;
  expect(started).toBe(1);
});

test('nothing is begun behind an answer that ends the connection', async () => {
  const started: string[] = [];
  const port = await start((path, response) => {
    started.push(path);
    if (path === '/last') response.setHeader('Connection', 'close');
    response.end('x');
  });
  const said = await converse(port, get('/first') + get('/last') + get('/behind').repeat(10));
  expect(said.split('HTTP/1.1 200')).toHaveLength(3);
  expect(started).toEqual(['/first', '/last']);
});
