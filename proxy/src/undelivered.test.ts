import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { drain, listen } from './listen.ts';
import { undelivered } from './undelivered.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1388 00000000:0000 0A 00000001:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1388 0100007F:A001 01 00000000:00000009 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:1388 0100007F:A002 04 0000A000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   3: 0100007F:A002 0100007F:1388 01 00000010:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
`;

test('connections of the port with bytes that are not acknowledged, by the kernel’s table', () => {
  expect(undelivered(TABLE, 5000)).toBe(1);
  expect(undelivered(TABLE, 0xa002)).toBe(1);
  expect(undelivered(TABLE, 80)).toBe(0);
  expect(undelivered('', 5000)).toBe(0);
});

test.runIf(process.platform === 'linux')(
  'a drain ends when a slow reader has all of the last answer',
  async () => {
    const body = Buffer.alloc(1_000_000);
    const server = createServer((_, response) => response.end(body));
    const port = await listen(server, 0);
    const client = connect(port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(client, 'readable');
    client.pause();
    let drained = false;
    const draining = drain(server, 0, 60_000).then(() => {
      drained = true;
    });
    // Long enough for a drain that looks at nothing to be over.
    await delay(500);
    expect(drained).toBe(false);
    const closed = once(client, 'close');
    let received = 0;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    client.resume();
    await draining;
    await closed;
    expect(received).toBeGreaterThan(body.length);
  },
);
