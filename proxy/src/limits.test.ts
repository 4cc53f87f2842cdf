import type { Server } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, LIMITS } from './http-server.ts';
import { closeGracefully, listen } from './listen.ts';
import { converse } from './testing/http-client.ts';

let server: Server;
afterEach(() => closeGracefully(server, 0));

/** A server with limits that a test can wait for. */
async function start(limits: Partial<typeof LIMITS>, handle: express.RequestHandler): Promise<number> {
  const app = express();
  app.use(handle);
  server = createHttpServer(app, { ...LIMITS, checkMs: 10, ...limits });
  return listen(server, 0);
}

const answering: express.RequestHandler = (_request, response) => void response.end('ok');

test('header fields that do not come to an end are 408', async () => {
  const port = await start({ headersMs: 50 }, answering);
  expect(await converse(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')).toMatch(
    /^HTTP\/1\.1 408 Request Timeout\r\n/,
  );
});

test('a body that does not come to an end costs the connection', async () => {
  const port = await start({ requestMs: 200, headersMs: 200 }, answering);
  const said = await converse(port, 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this');
  // Answered at once, or cut before that on a slow machine; in any case it ends.
  expect(said).toMatch(/^HTTP\/1\.1 (?:200|408) /);
});

test('a connection without a request ends', async () => {
  // Node adds a second to what it announces.
  const port = await start({ keepAliveMs: 10 }, answering);
  expect(await converse(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/\r\n\r\nok$/);
});

test('a reader that stalls is cut', async () => {
  const closed = Promise.withResolvers<void>();
  const port = await start({ stallMs: 500 }, (_request, response) => {
    response.on('close', () => closed.resolve());
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  socket.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await closed.promise;
  socket.destroy();
});

test('header fields of more bytes than allowed are 431', async () => {
  const port = await start({ headerBytes: 1000 }, answering);
  const said = await converse(port, `GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(1000)}\r\n\r\n`);
  expect(said).toMatch(/^HTTP\/1\.1 431 /);
});
