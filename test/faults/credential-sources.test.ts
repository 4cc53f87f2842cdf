import { randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Store, startStore } from '../s3/store.ts';
import {
  type CredentialEndpoint,
  type Grant,
  startInstanceMetadata,
  startPodIdentityAgent,
  startSts,
} from './credential-endpoints.ts';
import { download, type Outcome } from './download.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';

// Where credentials come from in a cluster: each source as AWS has it, over real sockets, with keys that a real S3 server checks. What a
// store does with expired session tokens is in credentials.test.ts.

const ROLE = 'arn:aws:iam::123456789012:role/reader';
const HOUR_MS = 3_600_000;
const WAIT_MS = 30_000;
const body = randomBytes(20_000);
let store: Store;
let directory: string;
let tokenFile: string;
/** Keys that open the store. */
let grant: Grant;
/** Keys that it does not know. */
let unknown: Grant;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  store = await startStore();
  await store.put('picture.png', body);
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = store.environment;
  grant = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, lifetimeMs: HOUR_MS };
  unknown = { ...grant, accessKeyId: 'ANOTHERKEY' };
});
afterAll(() => store?.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  tokenFile = join(directory, 'token');
  await writeToken('token-1');
});
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
  await rm(directory, { recursive: true, force: true });
});

/** As the kubelet does it: the file is another one at once. */
async function writeToken(token: string): Promise<void> {
  await writeFile(`${tokenFile}.new`, token);
  await rename(`${tokenFile}.new`, tokenFile);
}

/** A proxy that has no other credentials than what `environment` leads to. */
async function start(environment: Record<string, string>, until?: 'answering'): Promise<ProxyProcess> {
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...place } = store.environment;
  const all = {
    ...place,
    LOG_LEVEL: 'info',
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: directory,
    ...environment,
  };
  const proxy = await startProxy(directory, all, until);
  running.push(proxy);
  return proxy;
}

async function started(endpoint: Promise<CredentialEndpoint>): Promise<CredentialEndpoint> {
  const source = await endpoint;
  running.push(source);
  source.answer = async () => grant;
  return source;
}

const sts = () => started(startSts(tokenFile, ROLE));
const agent = () => started(startPodIdentityAgent(tokenFile));
const get = (proxy: ProxyProcess): Promise<Outcome> =>
  download({ port: proxy.port, path: '/picture.png', expected: body });
const many = (proxy: ProxyProcess, count: number) =>
  Promise.all(Array.from({ length: count }, () => get(proxy)));
const WHOLE = { kind: 'whole' };

/** Waits until the log says this, and gives that line. */
async function logged(proxy: ProxyProcess, text: string): Promise<{ reason?: string }> {
  const { value } = await eventually(`"${text}" in the log`, WAIT_MS, async () => {
    return (await proxy.log()).split('\n').find((line) => line.includes(text));
  });
  return JSON.parse(value);
}

/** How long credentials had to live when they were obtained, in milliseconds. */
const lifetimes = (log: string): number[] =>
  log
    .split('\n')
    .filter((line) => line.includes('credentials obtained'))
    .map((line): { time: number; expiresAt: string } => JSON.parse(line))
    .map(({ time, expiresAt }) => Date.parse(expiresAt) - time);

describe.each([
  ['a role of the service account (IRSA)', sts, 'IRSA', 'AccessDenied'],
  ['EKS Pod Identity', agent, 'Pod Identity', 'AccessDeniedException'],
])('%s', (_, startSource, name, code) => {
  test('opens the store; the token is read again when it has been replaced', async () => {
    const source = await startSource();
    // These end so soon that they are renewed at once.
    source.answer = async () => ({ ...grant, lifetimeMs: 60_000 });
    const proxy = await start(source.environment);
    expect(await get(proxy)).toEqual(WHOLE);
    await writeToken('token-2');
    source.answer = async (token) => (token === 'token-2' ? grant : { status: 403, code });
    const outcomes: Outcome[] = [];
    await eventually('a renewal', WAIT_MS, async () => {
      outcomes.push(await get(proxy));
      return source.asked.at(-1) === 'token-2';
    });
    expect(outcomes).toEqual(outcomes.map(() => WHOLE));
    expect(source.asked[0]).toBe('token-1');
  });

  test('is renewed before it ends, and no request waits for it', async () => {
    const source = await startSource();
    source.answer = async () => ({ ...grant, lifetimeMs: 60_000 });
    const proxy = await start(source.environment);
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    source.answer = async () => {
      await held;
      return grant;
    };
    const before = source.asked.length;
    const outcomes: Outcome[] = [];
    await eventually('a renewal to begin', WAIT_MS, async () => {
      outcomes.push(await get(proxy));
      return source.asked.length > before;
    });
    // It is under way, and stays so for as long as the test wants.
    outcomes.push(...(await many(proxy, 50)));
    letGo();
    await eventually('the renewal', WAIT_MS, async () => {
      outcomes.push(await get(proxy));
      return lifetimes(await proxy.log()).some((left) => left > HOUR_MS / 2);
    });
    const asked = source.asked.length;
    outcomes.push(...(await many(proxy, 50)));
    expect(source.asked.length).toBe(asked);
    // A source that is slow is asked again by the SDK; not for each request.
    expect(asked - before).toBeLessThan(10);
    expect(outcomes).toEqual(outcomes.map(() => WHOLE));
  });

  test('whose renewal fails serves on; the log says who failed, why, and what to do', async () => {
    const source = await startSource();
    source.answer = async () => ({ ...grant, lifetimeMs: 60_000 });
    const proxy = await start(source.environment);
    source.answer = async () => ({ status: 403, code });
    const outcomes: Outcome[] = [];
    await eventually('a renewal to fail', WAIT_MS, async () => {
      outcomes.push(await get(proxy));
      return (await proxy.log()).includes('could not be renewed');
    });
    const { reason } = await logged(proxy, 'could not be renewed');
    expect(reason).toContain(name);
    expect(reason).toMatch(/AccessDenied|403/);
    expect(reason).toMatch(/Check that .*\.$/);
    outcomes.push(await get(proxy));
    expect(outcomes).toEqual(outcomes.map(() => WHOLE));
    for (const secret of [grant.secretAccessKey, 'token-1']) expect(await proxy.log()).not.toContain(secret);
  });

  test('that gives none at all: 502, not ready, why and what to do; and the next request tries again', async () => {
    const source = await startSource();
    source.answer = async () => ({ status: 403, code });
    const proxy = await start(source.environment, 'answering');
    const { reason } = await logged(proxy, 'no credentials: every request fails');
    expect(reason).toContain(name);
    expect(await get(proxy)).toMatchObject({ kind: 'status', status: 502 });
    expect(await proxy.isReady()).toBe(false);
    await eventually('it to say so', WAIT_MS, async () => (await proxy.bucket()).reason === 'NoCredentials');
    const { message } = await proxy.bucket();
    expect(message).toContain(name);
    expect(message).toMatch(/Check that .*\.$/);
    source.answer = async () => grant;
    expect(await get(proxy)).toEqual(WHOLE);
    await eventually('it to be ready', WAIT_MS, () => proxy.isReady());
    await logged(proxy, 'credentials obtained');
  });

  test('whose keys the store does not know are fetched anew, not by each request, and none fails', async () => {
    const source = await startSource();
    // So that the store is not asked before the requests come.
    source.answer = async () => ({ status: 403, code });
    const proxy = await start(source.environment, 'answering');
    await logged(proxy, 'no credentials: every request fails');
    let grants = 0;
    source.answer = async () => {
      grants += 1;
      return grants === 1 ? unknown : grant;
    };
    expect(await many(proxy, 50)).toEqual(Array.from({ length: 50 }, () => WHOLE));
    // Two, unless this machine is so slow that the SDK asks again.
    expect(grants).toBeLessThan(10);
  });
});

test('a shared file is read again when the store refuses what was in it', async () => {
  const file = join(directory, 'credentials');
  const write = ({ accessKeyId, secretAccessKey }: Grant) =>
    writeFile(
      file,
      `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
  await write(unknown);
  const proxy = await start({ AWS_SHARED_CREDENTIALS_FILE: file }, 'answering');
  expect(await get(proxy)).toMatchObject({ kind: 'status', status: 502 });
  await eventually(
    'it to say so',
    WAIT_MS,
    async () => (await proxy.bucket()).reason === 'XAdminUserNotFound',
  );
  await write(grant);
  expect(await get(proxy)).toEqual(WHOLE);
});

test('a file without credentials leaves it to the next source', async () => {
  const file = join(directory, 'config');
  await writeFile(file, '[default]\nregion = eu-west-1\n');
  const source = await sts();
  const proxy = await start({ ...source.environment, AWS_CONFIG_FILE: file });
  expect(await get(proxy)).toEqual(WHOLE);
});

test('a role that cannot be assumed is not made up for by other rights further down the chain', async () => {
  const role = await sts();
  role.answer = async () => ({ status: 403, code: 'AccessDenied' });
  const node = await agent();
  const proxy = await start({ ...node.environment, ...role.environment }, 'answering');
  await logged(proxy, 'no credentials: every request fails');
  expect(await get(proxy)).toMatchObject({ kind: 'status', status: 502 });
  expect(node.asked).toEqual([]);
});

test('instance metadata', async () => {
  const source = await started(startInstanceMetadata());
  source.answer = async (question) => {
    if (question.startsWith('PUT ')) return { status: 200, code: 'session-token' };
    if (!question.endsWith(' session-token')) return { status: 401, code: '' };
    return question.includes('/security-credentials/role ') ? grant : { status: 200, code: 'role' };
  };
  const proxy = await start(source.environment);
  expect(await get(proxy)).toEqual(WHOLE);
});

test('nothing configured: it starts, and says at once what is missing', async () => {
  const proxy = await start({}, 'answering');
  const { reason } = await logged(proxy, 'no credentials: every request fails');
  expect(reason).toBe(
    'No source of credentials is configured. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the service account an AWS role.',
  );
  await eventually('its report', WAIT_MS, async () => (await proxy.bucket()).reason === 'NoCredentials');
  expect((await proxy.bucket()).message).toBe(reason);
  expect(await proxy.isReady()).toBe(false);
  expect(await get(proxy)).toMatchObject({ kind: 'status', status: 502 });
});
