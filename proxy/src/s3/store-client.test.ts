import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedStore, startScriptedStore, storeError } from '../testing/scripted-store.ts';
import { CredentialHolder, type CredentialProvider } from './credentials.ts';
import { resolveEndpoint } from './endpoint.ts';
import { Operation } from './operation.ts';
import { StoreClient } from './store-client.ts';
import { Transport } from './transport/transport.ts';

let store: ScriptedStore;
const transport = new Transport({
  maxConnections: 10,
  timeouts: { connect: 3000, headers: 3000, idleBody: 3000, queue: 3000, keepAlive: 3000 },
});
beforeAll(async () => {
  store = await startScriptedStore(() => ({ status: 500 }));
});
afterAll(async () => {
  transport.destroy();
  await store.close();
});

function client(provider: CredentialProvider) {
  const results: string[] = [];
  const subject = new StoreClient({
    transport,
    endpointIn: (region) =>
      resolveEndpoint({ bucket: 'bucket-name', region, endpoint: store.endpoint, forcePathStyle: true }),
    region: 'us-east-1',
    credentials: new CredentialHolder(provider),
    requestPayer: false,
    maxAttempts: 3,
    onAttempt: (result) => results.push(result),
  });
  const get = async () => {
    const { status, body } = await subject.send({ method: 'GET', path: '/a', query: '' }, new Operation());
    body.cancel();
    return status;
  };
  return { get, results };
}

/** Keys `key1`, `key2`, …: new ones at each fetch. */
function rotating(): CredentialProvider {
  let count = 0;
  return async () => ({ accessKeyId: `key${++count}`, secretAccessKey: 's' });
}
const keyOf = (authorization = '') => /Credential=(\w+)\//.exec(authorization)?.[1];
const OBJECT = { status: 200, headers: { ETag: '"a"' }, body: '' };

describe('credentials that the store refuses', () => {
  test.each([
    [400, 'ExpiredToken'],
    [403, 'InvalidAccessKeyId'],
    [403, 'SignatureDoesNotMatch'],
  ])('%i %s are fetched anew, once, and the request is sent again', async (status, code) => {
    const { get, results } = client(rotating());
    store.follow(({ headers }) =>
      keyOf(headers.authorization) === 'key1' ? storeError(status, code) : OBJECT,
    );
    expect(await get()).toBe(200);
    expect(await get()).toBe(200);
    expect(store.questions.map(({ headers }) => keyOf(headers.authorization))).toEqual([
      'key1',
      'key2',
      'key2',
    ]);
    expect(results).toEqual(['credentials', 'ok', 'ok']);
  });

  test('and refuses when they are new, too, are an error at once', async () => {
    const { get } = client(rotating());
    store.follow(() => storeError(400, 'ExpiredToken'));
    await expect(get()).rejects.toMatchObject({ kind: 'credentials', code: 'ExpiredToken' });
    expect(store.questions).toHaveLength(2);
  });

  test('and that are the same when fetched again are an error at once', async () => {
    const { get } = client(async () => ({ accessKeyId: 'key1', secretAccessKey: 's' }));
    store.follow(() => storeError(403, 'SignatureDoesNotMatch'));
    await expect(get()).rejects.toMatchObject({ kind: 'credentials' });
    expect(store.questions).toHaveLength(1);
  });
});

const regionOf = (authorization = '') => /\/\d{8}\/([a-z0-9-]+)\/s3\//.exec(authorization)?.[1];

test('all that lies with us is mended for one request: region, clock and credentials', async () => {
  const { get, results } = client(rotating());
  store.follow(({ headers }) => {
    if (regionOf(headers.authorization) !== 'eu-west-1')
      return storeError(400, 'AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>');
    if (!String(headers['x-amz-date']).startsWith('2031'))
      return {
        ...storeError(403, 'RequestTimeTooSkewed'),
        headers: { Date: 'Wed, 01 Jan 2031 00:00:00 GMT' },
      };
    return keyOf(headers.authorization) === 'key1' ? storeError(403, 'InvalidAccessKeyId') : OBJECT;
  });
  expect(await get()).toBe(200);
  expect(results).toEqual(['credentials', 'credentials', 'credentials', 'ok']);
});

test('a store that sends from region to region is not followed for ever', async () => {
  const { get } = client(rotating());
  store.follow(({ headers }) => ({
    ...storeError(301, 'PermanentRedirect'),
    headers: {
      'x-amz-bucket-region': regionOf(headers.authorization) === 'eu-west-1' ? 'us-east-1' : 'eu-west-1',
    },
  }));
  await expect(get()).rejects.toMatchObject({ kind: 'bucket', code: 'PermanentRedirect' });
  expect(store.questions).toHaveLength(2);
});

test('credentials that cannot be had are an error, which is forgotten when they can', async () => {
  let there = false;
  const { get } = client(async () => {
    if (!there) throw new Error('no role');
    return { accessKeyId: 'key1', secretAccessKey: 's' };
  });
  store.follow(() => OBJECT);
  await expect(get()).rejects.toMatchObject({ kind: 'credentials', code: 'NoCredentials' });
  expect(store.questions).toEqual([]);
  there = true;
  expect(await get()).toBe(200);
});

describe('retries', () => {
  test('are for what may pass, at most three tries in all', async () => {
    const { get, results } = client(rotating());
    store.follow(() => storeError(500, 'InternalError'));
    await expect(get()).rejects.toMatchObject({ kind: 'server' });
    expect(results).toEqual(['server', 'server', 'server']);
  });

  test.each([
    [404, 'NoSuchKey', 'not-found'],
    [412, 'PreconditionFailed', 'changed'],
    [416, 'InvalidRange', 'range'],
    [403, 'InvalidObjectState', 'archived'],
    [404, 'NoSuchBucket', 'bucket'],
  ])('are not for %i %s', async (status, code, kind) => {
    const { get, results } = client(rotating());
    store.follow(() => storeError(status, code));
    await expect(get()).rejects.toMatchObject({ kind, code });
    expect(results).toEqual([kind]);
  });

  test('stop when the client has gone', async () => {
    const operation = new Operation();
    const subject = new StoreClient({
      transport,
      endpointIn: (region) =>
        resolveEndpoint({ bucket: 'bucket-name', region, endpoint: store.endpoint, forcePathStyle: true }),
      region: 'us-east-1',
      credentials: new CredentialHolder(rotating()),
      requestPayer: false,
      maxAttempts: 10,
      onAttempt: () => {},
    });
    store.follow(() => {
      setTimeout(() => operation.cancel(), 5);
      return new Promise(() => {});
    });
    await expect(subject.send({ method: 'GET', path: '/a', query: '' }, operation)).rejects.toMatchObject({
      kind: 'canceled',
    });
    expect(store.questions).toHaveLength(1);
  });
});
