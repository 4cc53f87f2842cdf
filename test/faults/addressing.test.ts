import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Store, startStore } from '../s3/store.ts';
import { type Download, download } from './download.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';
import { type ScriptedStore, type SeenRequest, startScriptedStore } from './scripted-store.ts';

// Where the bucket is: by path or by host, in which region. Signatures cover all of it, and a real S3 server checks them.

const DOMAIN = 's3.test';
/** Nobody's DNS knows the domain: the proxy's process is told that all of it is here. */
const HOSTS_HERE = `--import=data:text/javascript,${encodeURIComponent(
  `import dns from 'node:dns'; const { lookup } = dns; dns.lookup = (name, ...rest) => lookup(name.endsWith('.${DOMAIN}') ? '127.0.0.1' : name, ...rest);`,
)}`;
const body = randomBytes(20_000);
let directory: string;
let store: Store;
let scripted: ScriptedStore;
const running: ProxyProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  store = await startStore(DOMAIN);
  await store.put('a b/ü+%.png', body);
  scripted = await startScriptedStore();
  scripted.objects.set('picture.png', body);
});
afterEach(async () => {
  for (const proxy of running.splice(0)) await proxy.stop();
});
afterAll(async () => {
  await store?.stop();
  await scripted?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(environment: Record<string, string>): Promise<ProxyProcess> {
  const proxy = await startProxy(directory, environment);
  running.push(proxy);
  return proxy;
}

describe('a real S3 server finds the bucket', () => {
  test.each(['path', 'host'])('by %s', async (style) => {
    const byHost = {
      S3_FORCE_PATH_STYLE: 'false',
      AWS_ENDPOINT_URL_S3: `http://${DOMAIN}:${store.port}`,
      NODE_OPTIONS: HOSTS_HERE,
    };
    const proxy = await start({ ...store.environment, ...(style === 'host' ? byHost : {}) });
    const object: Download = { port: proxy.port, path: '/a%20b/%C3%BC+%25.png', expected: body };
    expect(await download(object)).toEqual({ kind: 'whole' });
    const part = { ...object, expected: body.subarray(100, 200), range: 'bytes=100-199' };
    expect(await download(part)).toEqual({ kind: 'whole' });
  });
});

describe('the bucket is in another region than the configuration says', () => {
  const regionOf = ({ headers }: SeenRequest) =>
    /\/\d{8}\/([a-z0-9-]+)\/s3\//.exec(headers.authorization ?? '')?.[1];

  test.each([
    [301, 'PermanentRedirect', 'header'],
    [400, 'AuthorizationHeaderMalformed', 'document'],
  ] as const)('%i %s: it follows, once for all requests', async (status, code, where) => {
    const asked: string[] = [];
    scripted.follow((request, honest) => {
      const region = regionOf(request) ?? 'none';
      asked.push(region);
      if (region === 'eu-west-1') return honest;
      return scripted.refuse(request, status, code, { region: 'eu-west-1', where });
    });
    const { port } = await start(scripted.environment);
    const picture: Download = { port, path: '/picture.png', expected: body };
    const head = await fetch(`http://127.0.0.1:${port}/picture.png`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(body.length)]);
    for (let round = 0; round < 5; round += 1) expect(await download(picture)).toEqual({ kind: 'whole' });
    // The probe of the bucket came first.
    expect(asked[0]).toBe('us-east-1');
    expect(asked.filter((region) => region !== 'eu-west-1')).toHaveLength(1);
  });

  test('a bucket that is in no region is a 502 that says nothing', async () => {
    scripted.follow(undefined);
    const { port } = await start(scripted.environment);
    scripted.follow((request) =>
      scripted.refuse(request, 301, 'PermanentRedirect', {
        region: regionOf(request) === 'eu-west-1' ? 'us-east-1' : 'eu-west-1',
        where: 'header',
      }),
    );
    const outcome = await download({ port, path: '/picture.png', expected: body });
    expect(outcome).toMatchObject({ kind: 'status', status: 502 });
    for (const secret of [...scripted.secrets, 'eu-west-1'])
      expect(JSON.stringify(outcome)).not.toContain(secret);
  });
});
