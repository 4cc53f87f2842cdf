import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Download, download, type Outcome } from './download.ts';
import { measure, type Setting } from './measure.ts';
import { startProxy } from './proxy-process.ts';
import {
  cutOff,
  headLength,
  type ScriptedStore,
  type SeenRequest,
  startScriptedStore,
} from './scripted-store.ts';

// Temporary credentials as EKS Pod Identity gives them: from an endpoint on loopback, with a token and an end. The store takes one token and
// calls all others expired.

const HOUR_MS = 3_600_000;
const RENEWAL_MS = 20_000;
const body = randomBytes(50_000);

/** The credentials endpoint, as the test wants it. */
const source = { token: 'first', lifetimeMs: HOUR_MS, broken: false, asked: 0 };

let directory: string;
let endpoint: Server;
let store: ScriptedStore;
let setting: Setting;
/** The token that the store takes. */
let valid = 'first';
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  endpoint = createServer((_, response) => {
    source.asked += 1;
    if (source.broken) {
      response.writeHead(500).end('{}');
      return;
    }
    const credentials = {
      AccessKeyId: 'key',
      SecretAccessKey: 'secret',
      Token: source.token,
      Expiration: new Date(Date.now() + source.lifetimeMs).toISOString(),
    };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(credentials));
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  store = await startScriptedStore();
  running.push(store);
  store.objects.set('picture.png', body);
  store.follow((request, honest) => refusalOf(request) ?? honest);
  const proxy = await startProxy(directory, {
    S3_BUCKET: store.bucket,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${store.port}`,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/credentials`,
    // Nothing else that the chain could find.
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: directory,
  });
  running.push(proxy);
  setting = {
    proxy,
    storePort: store.port,
    calmPath: '/picture.png',
    async heal() {
      source.token = valid;
      source.broken = false;
      store.follow((request, honest) => refusalOf(request) ?? honest);
    },
  };
});
beforeEach(() => {
  source.asked = 0;
});
afterEach(() => setting?.heal());
afterAll(async () => {
  for (const each of running.reverse()) await each.stop();
  await new Promise((resolve) => endpoint?.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

function refusalOf(request: SeenRequest) {
  if (request.headers['x-amz-security-token'] === valid) return undefined;
  return store.refuse(request, 400, 'ExpiredToken');
}

const picture = (): Download => ({ port: setting.proxy.port, path: '/picture.png', expected: body });

const head = async () => {
  const { status, headers } = await fetch(`http://127.0.0.1:${setting.proxy.port}/picture.png`, {
    method: 'HEAD',
  });
  return { status, length: headers.get('content-length') };
};

function expectRefusal(outcome: Outcome): void {
  expect(outcome).toMatchObject({ kind: 'status', status: 502 });
  for (const secret of store.secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
}

/** From now on the store takes another token. */
function expire(): string {
  valid = randomBytes(4).toString('hex');
  return valid;
}

test('expired credentials are renewed once for many requests, and none of these fails', async () => {
  const figures = await measure('expired under 200 requests', setting, async (record) => {
    source.token = expire();
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => download(picture())));
    for (const outcome of outcomes) record(outcome);
    return `${source.asked} fetched`;
  });
  expect(figures.whole).toBe(200);
  expect(source.asked).toBe(1);
});

test('HEAD, whose refusal has no body to tell why, renews them too', async () => {
  source.token = expire();
  expect(await head()).toEqual({ status: 200, length: String(body.length) });
});

test('an empty object is found by HEAD when they have expired', async () => {
  store.objects.set('picture.png', Buffer.alloc(0));
  source.token = expire();
  try {
    expect(await head()).toEqual({ status: 200, length: '0' });
  } finally {
    store.objects.set('picture.png', body);
  }
});

test('a body goes on when they expire in the middle', async () => {
  const figures = await measure('expired in the middle', setting, async (record) => {
    for (let round = 0; round < 10; round += 1) {
      let first = true;
      store.follow((request, honest) => {
        const refusal = refusalOf(request);
        if (refusal !== undefined || !first) return refusal ?? honest;
        first = false;
        source.token = expire();
        return cutOff(honest, headLength(honest) + 20_000, 'close');
      });
      record(await download(picture()));
    }
  });
  expect(figures).toMatchObject({ whole: 10, resumedBodies: 10 });
});

test('credentials that stay expired are a 502 that says nothing, and heal', async () => {
  const figures = await measure('never renewed', setting, async (record) => {
    expire();
    for (let round = 0; round < 20; round += 1) {
      const outcome = await download(picture());
      expectRefusal(outcome);
      record(outcome);
    }
    source.token = valid;
    record(await download(picture()));
  });
  expect(figures).toMatchObject({ statuses: { 502: 20 }, whole: 1 });
});

test('a source that fails is a 502, is not remembered, and heals', async () => {
  const figures = await measure('credentials endpoint down and back', setting, async (record) => {
    expire();
    source.broken = true;
    for (const outcome of await Promise.all(Array.from({ length: 20 }, () => download(picture())))) {
      expectRefusal(outcome);
      record(outcome);
    }
    source.token = valid;
    source.broken = false;
    record(await download(picture()));
  });
  expect(figures).toMatchObject({ statuses: { 502: 20 }, whole: 1 });
});

test('they are renewed before they end, and no request waits for it or fails', async () => {
  const figures = await measure('about to expire', setting, async (record) => {
    // What is fetched next ends soon; so the request after that renews it in the background.
    source.lifetimeMs = 60_000;
    source.token = expire();
    record(await download(picture()));
    source.lifetimeMs = HOUR_MS;
    const before = source.asked;
    await eventually('the credentials to be renewed', RENEWAL_MS, async () => {
      record(await download(picture()));
      return source.asked > before;
    });
    expect(source.asked).toBe(before + 1);
  });
  expect(figures.whole).toBe(figures.requests);
});
