import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../read-config.ts';
import { createStore, type Store } from '../store.ts';
import {
  type ScriptedStore,
  type StoreQuestion,
  startScriptedStore,
  storeError,
} from '../testing/scripted-store.ts';
import { createObjectSource, type ObjectRequest } from './object-source.ts';
import { Operation } from './operation.ts';
import { readText } from './read-text.ts';

let server: ScriptedStore;
let store: Store;
let resumed = 0;
beforeAll(async () => {
  server = await startScriptedStore(() => ({ status: 500 }));
  const environment = {
    S3_BUCKET: 'bucket-name',
    S3_FORCE_PATH_STYLE: 'true',
    S3_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_ACCESS_KEY_ID: 'access-key',
    AWS_SECRET_ACCESS_KEY: 'secret-key',
  };
  store = createStore(readSettings(environment).config, environment);
});
beforeEach(() => {
  resumed = 0;
});
afterAll(async () => {
  store.transport.destroy();
  await server.close();
});

const CONTENT = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');

function rangeOf({ headers }: StoreQuestion): { first: number; last: number } | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined) return undefined;
  return { first: Number(first), last: last === '' ? CONTENT.length - 1 : Number(last) };
}

/** Begins the answer that was asked for, and breaks the connection after so many bytes of its body. */
function answerUntil(
  question: StoreQuestion,
  response: ServerResponse,
  bytes: number,
  etag = '"v1"',
): undefined {
  const range = rangeOf(question);
  const body = range ? CONTENT.slice(range.first, range.last + 1) : CONTENT;
  response.writeHead(range ? 206 : 200, {
    ETag: etag,
    'Content-Length': String(body.length),
    ...(range ? { 'Content-Range': `bytes ${range.first}-${range.last}/${CONTENT.length}` } : {}),
  });
  if (bytes >= body.length) response.end(body);
  else response.write(body.slice(0, bytes), () => response.destroy());
  return undefined;
}

async function read(request: Partial<ObjectRequest> = {}): Promise<string> {
  const source = createObjectSource(store.client, () => resumed++);
  const { body } = await source.open({ key: 'a', method: 'GET', ...request }, new Operation());
  return readText(body, 10_000);
}

describe('a body that breaks off', () => {
  test('goes on where it stopped, wherever that is, as often as it gets further', async () => {
    const breaks = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 6 });
    const range = fc.option(
      fc.tuple(fc.nat(299), fc.nat(299)).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(breaks, range, async (lengths, asked) => {
        const left = [...lengths];
        server.follow((question, response) =>
          answerUntil(question, response, left.shift() ?? Number.POSITIVE_INFINITY),
        );
        expect(await read({ range: asked })).toBe(
          asked ? CONTENT.slice(asked.first, asked.last + 1) : CONTENT,
        );
        // Each piece begins where the one before ended, and is pinned to the version.
        for (const question of server.questions.slice(1)) expect(question.headers['if-match']).toBe('"v1"');
      }),
      { numRuns: 60 },
    );
  });

  test('is asked for by range, from the first byte that is missing to the last one wanted', async () => {
    let broken = false;
    server.follow((question, response) => {
      if (broken) return answerUntil(question, response, Number.POSITIVE_INFINITY);
      broken = true;
      return answerUntil(question, response, 7);
    });
    expect(await read({ range: { first: 100, last: 199 } })).toBe(CONTENT.slice(100, 200));
    expect(server.questions.map(({ headers }) => headers.range)).toEqual(['bytes=100-199', 'bytes=107-199']);
    expect(resumed).toBe(1);
  });

  test.each<
    [string, (question: StoreQuestion, response: ServerResponse) => ReturnType<typeof storeError> | undefined]
  >([
    ['was changed meanwhile', () => storeError(412, 'PreconditionFailed')],
    ['was deleted meanwhile', () => storeError(404, 'NoSuchKey')],
    [
      'is answered as a whole',
      (question, response) => answerUntil({ ...question, headers: {} }, response, 1000),
    ],
    [
      'is answered by another part',
      (question, response) => answerUntil({ ...question, headers: { range: 'bytes=0-' } }, response, 1000),
    ],
  ])('and %s ends in an error, with not one byte more', async (_name, then) => {
    server.follow((question, response) =>
      question.headers['if-match'] === undefined
        ? answerUntil(question, response, 10)
        : then(question, response),
    );
    const { body } = await createObjectSource(store.client).open(
      { key: 'a', method: 'GET' },
      new Operation(),
    );
    let got = '';
    const error = await new Promise((resolve) => {
      body.pipe({
        write(chunk) {
          got += chunk.toString();
          return true;
        },
        end: () => resolve(undefined),
        fail: resolve,
      });
    });
    expect(error).toBeInstanceOf(Error);
    expect(got).toBe(CONTENT.slice(0, 10));
  });

  test.each([
    ['a weak entity tag', 'W/"v1"'],
    ['no entity tag', ''],
  ])('is not mended with %s', async (_name, etag) => {
    server.follow((question, response) => answerUntil(question, response, 10, etag));
    await expect(read()).rejects.toThrow('connection');
    expect(server.questions).toHaveLength(1);
  });

  test('is given up after three breaks without a new byte', async () => {
    server.follow((question, response) => answerUntil(question, response, question.headers.range ? 0 : 10));
    await expect(read()).rejects.toThrow('connection');
    expect(server.questions).toHaveLength(4);
  });

  test('is not asked for again once nobody wants it', async () => {
    const operation = new Operation();
    const closed = Promise.withResolvers<void>();
    server.follow((_question, response) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200, { ETag: '"v1"', 'Content-Length': '300' });
      response.write(CONTENT.slice(0, 10));
      return undefined;
    });
    const { body } = await createObjectSource(store.client).open({ key: 'a', method: 'GET' }, operation);
    body.cancel();
    await closed.promise;
    expect(server.questions).toHaveLength(1);
  });
});
