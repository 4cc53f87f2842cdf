import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseS3Proxy } from '../../operator/src/api/parse.ts';
import { S3PROXY, type S3Proxy } from '../../operator/src/api/s3proxy.ts';
import { INVALID_NAMES, INVALID_SPECS } from '../../operator/src/api/testing/invalid-specs.ts';
import { validSpec } from '../../operator/src/api/testing/spec-arbitrary.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { isApiError } from '../../operator/src/kube/errors.ts';
import { s3proxyObject } from '../../operator/src/resources/testing/s3proxy.ts';
import { type CrdFixture, startCrdFixture } from './crd-fixture.ts';

const NAMESPACE = 'default';
let fixture: CrdFixture;
let client: KubeClient;

beforeAll(async () => {
  fixture = await startCrdFixture();
  client = fixture.client;
});
afterAll(() => fixture?.stop());

function unstored(spec: object, name = 'photos') {
  const { metadata: _, ...rest } = s3proxyObject(spec, name);
  return { ...rest, metadata: { name, namespace: NAMESPACE } };
}

async function refusal(spec: object, name?: string) {
  const error = await client
    .create(S3PROXY, unstored(spec, name), { dryRun: true })
    .catch((reason) => reason);
  if (!isApiError(error, 'Invalid')) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error;
}

test('no rule of the CRD is found wanting', async () => {
  const crd = JSON.parse(await fixture.kubectl('get', 'crd', 's3proxies.s3proxy.dev', '-o', 'json'));
  const wrong = crd.status.conditions.filter((each: { type: string }) => each.type === 'NonStructuralSchema');
  expect(wrong).toEqual([]);
});

test('defaults are stored, and are those that the operator would fill in', async () => {
  const stored = await client.create<S3Proxy>(S3PROXY, unstored({}, 'defaults'));
  const parsed = parseS3Proxy(s3proxyObject());
  expect(stored.spec).toEqual(parsed.ok && parsed.s3proxy.spec);
});

test('one that no operator has looked at says so, or kstatus would take it for done', async () => {
  const claim = { ...unstored({}, 'unseen'), status: { observedGeneration: 1 } };
  await client.create(S3PROXY, claim);
  const { metadata, status } = await client.get<S3Proxy>(S3PROXY, { name: 'unseen', namespace: NAMESPACE });
  expect([metadata.generation, status]).toEqual([1, { observedGeneration: -1 }]);
});

describe('what breaks a rule is refused with a message that names the field', () => {
  test.each(INVALID_SPECS)('%s in %j', async (field, spec) => {
    const error = await refusal(spec);
    expect(error.message).toContain(field);
    expect(error.causes.map((cause) => cause.field)).toContain(field);
  });

  test.each(INVALID_NAMES)('the name %s', async (name) => {
    expect((await refusal({}, name)).message).toContain('metadata.name');
  });

  test('an unknown field', async () => {
    const error = await client
      .create(S3PROXY, unstored({ bucket: { name: 'my-bucket', colour: 'red' } }), { dryRun: true })
      .catch((reason: Error) => reason);
    expect(error).toMatchObject({
      code: 'BadRequest',
      message: expect.stringContaining('spec.bucket.colour'),
    });
  });
});

test('the API server accepts what the operator accepts', async () => {
  await fc.assert(
    fc.asyncProperty(validSpec, async (spec) => {
      await client.create(S3PROXY, unstored(spec), { dryRun: true });
    }),
    { numRuns: 100 },
  );
});

test('kubectl apply may set another member of the union than the default', async () => {
  const apply = (ingress: object) =>
    fixture.kubectlApply(unstored({ ingress: { host: 'a.example.com', ...ingress } }, 'union'));
  await apply({});
  await apply({ tls: { secretName: 'mine' } });
  await apply({ tls: { selfSigned: {} } });
  await apply({ tls: { disabled: true } });
});

test('kubectl scales, lists and explains', async () => {
  await client.create(S3PROXY, unstored({}, 'seen'));
  await fixture.kubectl('scale', 's3p', 'seen', '--replicas=3');
  expect((await client.get<S3Proxy>(S3PROXY, { name: 'seen', namespace: NAMESPACE })).spec.replicas).toBe(3);
  const [header] = (await fixture.kubectl('get', 's3p')).split('\n');
  expect(header?.split(/\s+/).filter(Boolean)).toEqual(['NAME', 'BUCKET', 'URL', 'READY', 'STATUS', 'AGE']);
  expect(await fixture.kubectl('explain', 's3p.spec.bucket.prefix')).toContain('Folder of the bucket');
});
