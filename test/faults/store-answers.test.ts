import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Download, download, type Outcome } from './download.ts';
import { measure, type Setting } from './measure.ts';
import { startProxy } from './proxy-process.ts';
import {
  cutOff,
  head,
  headLength,
  type Reply,
  type Script,
  type ScriptedStore,
  startScriptedStore,
  withField,
} from './scripted-store.ts';

// What a store may do wrong that no network does, and breaks at an exact byte. Whatever it is, a client gets the right bytes or sees a
// failure (`download` throws otherwise), and an error says nothing about the store.

const SIZE = 100_000;
const LIMIT = '2';
const FIRST = 1_000;
const LAST = 60_999;

const body = randomBytes(SIZE);
let directory: string;
let store: ScriptedStore;
let setting: Setting;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  store = await startScriptedStore();
  running.push(store);
  store.objects.set('picture.png', body);
  const proxy = await startProxy(directory, {
    S3_BUCKET: store.bucket,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${store.port}`,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    S3_CONNECT_TIMEOUT_SECONDS: LIMIT,
    S3_RESPONSE_TIMEOUT_SECONDS: LIMIT,
    S3_IDLE_TIMEOUT_SECONDS: LIMIT,
  });
  running.push(proxy);
  setting = {
    proxy,
    storePort: store.port,
    calmPath: '/picture.png',
    heal: async () => store.follow(undefined),
  };
});
afterEach(() => store?.follow(undefined));
afterAll(async () => {
  for (const each of running.reverse()) await each.stop();
  await rm(directory, { recursive: true, force: true });
});

const whole = (): Download => ({ port: setting.proxy.port, path: '/picture.png', expected: body });
const part = (): Download => ({
  ...whole(),
  range: `bytes=${FIRST}-${LAST}`,
  expected: body.subarray(FIRST, LAST + 1),
});

/** Downloads, with what every outcome must be like. */
async function get(what: Download): Promise<Outcome> {
  const outcome = await download(what);
  if (outcome.kind === 'status') {
    const answer = `${JSON.stringify(outcome.headers)} ${outcome.text}`;
    for (const secret of store.secrets) expect(answer).not.toContain(secret);
    expect(answer).not.toMatch(/x-amz-/i);
  }
  return outcome;
}

/** A script that spoils the first replies only. */
function atFirst(count: number, spoil: Script): Script {
  let seen = 0;
  return (request, honest) => {
    seen += 1;
    return seen <= count ? spoil(request, honest) : honest;
  };
}

describe('a body that breaks off goes on', () => {
  const ending = fc.constantFrom('close' as const, 'reset' as const);

  test('after any of its bytes', async () => {
    const breaks = fc.record({
      ending,
      ranged: fc.boolean(),
      positions: fc.array(fc.nat({ max: SIZE - 1 }), { minLength: 1, maxLength: 4 }),
    });
    const figures = await measure('broken off after any byte of the body', setting, (record) =>
      fc.assert(
        fc.asyncProperty(breaks, async ({ ranged, positions, ending }) => {
          const left = [...positions];
          store.follow((_, honest) => {
            const position = left.shift();
            if (position === undefined) return honest;
            const length = honest.bytes.length - headLength(honest);
            return cutOff(honest, headLength(honest) + (position % length), ending);
          });
          record(await get(ranged ? part() : whole()));
        }),
        { numRuns: 150 },
      ),
    );
    // A reset throws away what the proxy had not read yet, the head included; so that one may have to be asked for again.
    expect(figures.whole).toBe(figures.requests);
    expect(figures.resumedBodies).toBeGreaterThan(0);
  });

  test('byte by byte', async () => {
    const figures = await measure('broken off after each piece', setting, async (record) => {
      store.follow((_, honest) => cutOff(honest, headLength(honest) + 4_999, 'close'));
      record(await get(whole()));
      record(await get(part()));
    });
    expect(figures.whole).toBe(2);
    expect(figures.resumedBodies).toBeGreaterThanOrEqual(30);
  });

  test('but not for ever without progress', async () => {
    const figures = await measure('nothing more after 5,000 bytes', setting, async (record) => {
      store.follow(({ headers }, honest) => {
        const more = headers['if-match'] === undefined ? 5_000 : 0;
        return cutOff(honest, headLength(honest) + more, 'close');
      });
      record(await get(whole()));
      record(await get(part()));
    });
    expect(figures.aborted).toBe(2);
  });
});

test('a head that breaks off is asked for again', async () => {
  const figures = await measure('broken off within the head', setting, async (record) => {
    for (let length = 0; length < 200; length += 8) {
      store.follow(atFirst(1, (_, honest) => cutOff(honest, length, length % 16 === 0 ? 'close' : 'reset')));
      record(await get(whole()));
    }
  });
  expect(figures.whole).toBe(figures.requests);
});

describe('503 SlowDown', () => {
  test('is waited out when it is short', async () => {
    const figures = await measure('SlowDown twice', setting, async (record) => {
      for (let round = 0; round < 10; round += 1) {
        store.follow(atFirst(2, (request) => store.refuse(request, 503, 'SlowDown')));
        record(await get(round % 2 === 0 ? whole() : part()));
      }
    });
    expect(figures.whole).toBe(figures.requests);
  });

  test('is passed on when it is not, with Retry-After', async () => {
    const figures = await measure('SlowDown for long', setting, async (record) => {
      store.follow((request) => store.refuse(request, 503, 'SlowDown'));
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => get(whole())));
      for (const outcome of outcomes) {
        record(outcome);
        expect(outcome).toMatchObject({ kind: 'status', status: 503, headers: { 'retry-after': '2' } });
      }
    });
    expect(figures.statuses).toEqual({ 503: 100 });
  });

  test('is waited out in the middle of a body', async () => {
    const figures = await measure('SlowDown in the middle', setting, async (record) => {
      for (let round = 0; round < 10; round += 1) {
        let seen = 0;
        store.follow((request, honest) => {
          seen += 1;
          if (seen === 1) return cutOff(honest, headLength(honest) + 7_000, 'reset');
          return seen <= 3 ? store.refuse(request, 503, 'SlowDown') : honest;
        });
        record(await get(whole()));
      }
    });
    expect(figures.whole).toBe(figures.requests);
  });
});

/** Everything a store may claim that does not fit what it sends. */
const lies: readonly { name: string; ranged?: boolean; spoil: (honest: Reply) => Reply }[] = [
  {
    name: 'a length that is too long, then the end',
    spoil: (honest) => ({ ...withField(honest, 'Content-Length', String(SIZE + 10)), ending: 'close' }),
  },
  {
    name: 'a length that is too long, then silence',
    spoil: (honest) => withField(honest, 'Content-Length', String(SIZE + 10)),
  },
  {
    name: 'a length that is too short',
    spoil: (honest) => withField(honest, 'Content-Length', String(SIZE - 10)),
  },
  { name: 'a length of zero', spoil: (honest) => withField(honest, 'Content-Length', '0') },
  { name: 'a negative length', spoil: (honest) => withField(honest, 'Content-Length', '-1') },
  { name: 'a length that is no number', spoil: (honest) => withField(honest, 'Content-Length', '1e5') },
  { name: 'a length with a sign', spoil: (honest) => withField(honest, 'Content-Length', `+${SIZE}`) },
  {
    name: 'two lengths',
    spoil: (honest) => withField(honest, 'Content-Length', `${SIZE}\r\nContent-Length: ${SIZE - 1}`),
  },
  {
    name: 'no length',
    spoil: (honest) => ({ ...withField(honest, 'Content-Length', undefined), ending: 'close' }),
  },
  {
    name: 'a length and chunks',
    spoil: (honest) => withField(honest, 'Transfer-Encoding', 'chunked'),
  },
  {
    name: 'chunks that end early',
    spoil: () => ({
      bytes: Buffer.concat([
        head(200, { 'Transfer-Encoding': 'chunked' }),
        Buffer.from('5\r\nbytes\r\n0\r\n\r\n'),
      ]),
      ending: 'keep',
    }),
  },
  {
    name: 'a range before the one asked for',
    ranged: true,
    spoil: (honest) => withField(honest, 'Content-Range', `bytes 0-${LAST - FIRST}/${SIZE}`),
  },
  {
    name: 'a range after the one asked for',
    ranged: true,
    spoil: (honest) => withField(honest, 'Content-Range', `bytes ${FIRST + 1}-${LAST + 1}/${SIZE}`),
  },
  {
    name: 'a range of another length',
    ranged: true,
    spoil: (honest) => withField(honest, 'Content-Range', `bytes ${FIRST}-${LAST - 1}/${SIZE}`),
  },
  {
    name: 'a range past the end',
    ranged: true,
    spoil: (honest) => withField(honest, 'Content-Range', `bytes ${FIRST}-${LAST}/${LAST}`),
  },
  {
    name: 'a range of unknown size',
    ranged: true,
    spoil: (honest) => withField(honest, 'Content-Range', `bytes ${FIRST}-${LAST}/*`),
  },
  {
    name: 'a range that is none',
    ranged: true,
    spoil: (honest) => withField(honest, 'Content-Range', 'bytes'),
  },
  { name: 'no range', ranged: true, spoil: (honest) => withField(honest, 'Content-Range', undefined) },
  {
    name: 'a range that nobody asked for',
    spoil: (honest) => {
      const bytes = Buffer.from(honest.bytes);
      bytes.write('206', 9);
      return withField({ ...honest, bytes }, 'Content-Range', `bytes 0-${SIZE - 1}/${SIZE}`);
    },
  },
  {
    name: 'another protocol',
    spoil: () => ({ bytes: Buffer.from('220 ftp.example.com ready\r\n\r\n'), ending: 'keep' }),
  },
  {
    name: 'a head without end',
    spoil: () => ({ bytes: Buffer.alloc(100_000, 'HTTP/1.1 200 OK\r\nX: y\r\n'), ending: 'keep' }),
  },
  { name: 'nothing but interim answers', spoil: () => ({ bytes: head(100, {}), ending: 'close' }) },
];

test.each(lies)('a store that lies: $name', async ({ name, ranged, spoil }) => {
  const figures = await measure(name, setting, async (record) => {
    store.follow((_, honest) => spoil(honest));
    const outcomes = await Promise.all(Array.from({ length: 3 }, () => get(ranged ? part() : whole())));
    for (const outcome of outcomes) record(outcome);
  });
  expect(figures.whole).toBe(0);
  expect(Object.keys(figures.statuses).filter((status) => status !== '502')).toEqual([]);
});

describe('a body that goes on must be the same object', () => {
  const other = randomBytes(SIZE);
  afterEach(() => {
    store.objects.set('picture.png', body);
  });

  test('one that has changed is not', async () => {
    const figures = await measure('changed in the middle', setting, async (record) => {
      for (const what of [whole(), part()]) {
        store.objects.set('picture.png', body);
        store.follow(
          atFirst(1, (_, honest) => {
            store.objects.set('picture.png', other);
            return cutOff(honest, headLength(honest) + 7_000, 'close');
          }),
        );
        record(await get(what));
      }
      store.objects.set('picture.png', body);
    });
    expect(figures).toMatchObject({ aborted: 2, resumedBodies: 0 });
  });

  test('even if the store does not heed If-Match', async () => {
    const figures = await measure('changed, without heeding If-Match', setting, async (record) => {
      store.follow((_, honest) => {
        if (honest.bytes.includes('206 Any reason')) {
          const changed = Buffer.concat([honest.bytes.subarray(0, headLength(honest)), other]);
          return withField({ ...honest, bytes: changed.subarray(0, honest.bytes.length) }, 'ETag', '"other"');
        }
        return cutOff(honest, headLength(honest) + 7_000, 'close');
      });
      record(await get(whole()));
    });
    expect(figures).toMatchObject({ aborted: 1, resumedBodies: 0 });
  });

  test('even if the store does not heed Range', async () => {
    const figures = await measure('whole again instead of the rest', setting, async (record) => {
      store.follow((_, honest) => {
        if (!honest.bytes.includes('206 Any reason'))
          return cutOff(honest, headLength(honest) + 7_000, 'close');
        const bytes = Buffer.concat([head(200, { 'Content-Length': SIZE, ETag: '"same"' }), body]);
        return { bytes, ending: 'keep' };
      });
      record(await get(whole()));
    });
    expect(figures.aborted).toBe(1);
  });
});
