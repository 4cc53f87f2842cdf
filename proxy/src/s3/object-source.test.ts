import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { listen } from '../listen.ts';
import { CredentialHolder } from './credentials.ts';
import { createObjectSource } from './object-source.ts';
import { Operation } from './operation.ts';
import { readText } from './read-text.ts';
import { StoreClient } from './store-client.ts';
import { Transport } from './transport/transport.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const each of cleanUp.splice(0)) each();
});

/** An object source in front of a server that answers as given. */
async function sourceOf(answer: RequestListener) {
  const server = createServer(answer);
  const port = await listen(server, 0);
  const timeouts = { connect: 5_000, headers: 5_000, idleBody: 5_000, keepAlive: 5_000, queue: 5_000 };
  const transport = new Transport({ maxConnections: 4, timeouts });
  cleanUp.push(
    () => transport.destroy(),
    () => server.close(),
  );
  const attempts: string[] = [];
  const client = new StoreClient({
    transport,
    endpointIn: (region) => ({
      origin: `http://127.0.0.1:${port}`,
      host: `127.0.0.1:${port}`,
      basePath: '/bucket',
      region,
    }),
    region: 'us-east-1',
    credentials: new CredentialHolder(async () => ({ accessKeyId: 'a', secretAccessKey: 's' })),
    requestPayer: false,
    maxAttempts: 1,
    onAttempt: (result) => attempts.push(result),
  });
  return { source: createObjectSource(client), attempts };
}

test('an object that still has its entity tag is not sent', async () => {
  let asked: IncomingHttpHeaders = {};
  const { source, attempts } = await sourceOf((request, response) => {
    asked = request.headers;
    response.writeHead(304, { ETag: '"a"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }).end();
  });
  const answer = await source.openChanged({ key: 'k', ifNoneMatch: '"a"' }, new Operation());
  expect(asked['if-none-match']).toBe('"a"');
  expect(answer).toMatchObject({
    changed: false,
    headers: { etag: '"a"', 'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT' },
  });
  expect(attempts).toEqual(['ok']);
});

test('an object that has another one is', async () => {
  const { source } = await sourceOf((_, response) => {
    response.writeHead(200, { ETag: '"b"', 'Content-Length': '5' }).end('hello');
  });
  const answer = await source.openChanged({ key: 'k', ifNoneMatch: '"a"' }, new Operation());
  if (!answer.changed) expect.fail();
  expect(answer.object).toMatchObject({ size: 5, range: undefined });
  expect(await readText(answer.object.body, 100)).toBe('hello');
});

test('a 304 that nobody asked for is no answer', async () => {
  const { source, attempts } = await sourceOf((_, response) => {
    response.writeHead(304).end();
  });
  await expect(source.open({ key: 'k', method: 'GET' }, new Operation())).rejects.toMatchObject({
    kind: 'bucket',
  });
  expect(attempts).toEqual(['bucket']);
});
