import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type OperatorFixture, photos, startOperatorFixture } from './operator-fixture.ts';

const NAMESPACE = 'default';
const CHILDREN = [
  ['deployment', 'photos'],
  ['service', 'photos'],
  ['ingress', 'photos'],
  ['secret', 'photos-basic-auth'],
  ['secret', 'photos-htpasswd'],
  ['secret', 'photos-ca'],
  ['secret', 'photos-tls'],
] as const;

let fixture: OperatorFixture;
let child: OperatorFixture['child'];
let condition: OperatorFixture['condition'];
let rollOut: OperatorFixture['rollOut'];
let client: OperatorFixture['client'];

beforeAll(async () => {
  fixture = await startOperatorFixture();
  ({ child, condition, rollOut, client } = fixture);
});
afterAll(() => fixture?.stop());

describe('the operator on a real API server', () => {
  test('makes every child, owned by the S3Proxy', async () => {
    await client.apply(photos());
    const owner = await child('s3proxy', 'photos');
    for (const [kind, name] of CHILDREN) {
      const { metadata } = await child(kind, name);
      expect(metadata, name).toMatchObject({
        ownerReferences: [{ kind: 'S3Proxy', uid: owner.metadata.uid, controller: true }],
      });
    }
    await condition('Reconciling', 'True', /Progressing/);
    expect((await condition('Ready', 'False', /Progressing/)).message).not.toBe('');
  });

  test('is Ready when the rollout is complete', async () => {
    await rollOut();
    await condition('Ready', 'True', /Available/);
    const s3proxy = await client.find('s3proxy', 'photos', NAMESPACE);
    expect(s3proxy?.status).toMatchObject({
      url: 'https://photos.example.com/',
      readyReplicas: 1,
      authSecretName: 'photos-basic-auth',
    });
    expect(s3proxy?.status?.conditions?.map(({ type }) => type)).not.toContain('Reconciling');
  });

  test('writes nothing after a restart, and keeps the password', async () => {
    const before = await child('secret', 'photos-basic-auth');
    await fixture.operator.stop();
    const writes = await fixture.writes();
    fixture.operator.start();
    await eventually('the S3Proxy to be looked at', 30_000, async () =>
      /controller_runtime_reconcile_total\{.*result="(success|requeue_after)"\} [1-9]/.test(
        await fixture.metrics(),
      ),
    );
    await sleep(2_000);
    expect(await fixture.writes()).toBe(writes);
    expect((await child('secret', 'photos-basic-auth')).data).toEqual(before.data);
  });

  test('removes the children that are no longer wanted', async () => {
    await client.apply(photos({ ingress: { enabled: false }, auth: { basic: { enabled: false } } }));
    // Not before no pod mounts them any more.
    await eventually('the Deployment without a password', 15_000, async () => {
      const { spec } = await child('deployment', 'photos');
      return !JSON.stringify(spec).includes('htpasswd');
    });
    expect(await client.find('secret', 'photos-htpasswd', NAMESPACE)).toBeDefined();
    await rollOut();
    for (const [kind, name] of CHILDREN.slice(2)) {
      await eventually(`${kind} ${name} to go`, 15_000, async () => {
        return (await client.find(kind, name, NAMESPACE)) === undefined;
      });
    }
    const { spec } = await child('deployment', 'photos');
    expect(JSON.stringify(spec)).not.toContain('htpasswd');
  });

  test('is stalled by a missing Secret, leaves what runs as it is, and goes on by itself', async () => {
    const before = await child('deployment', 'photos');
    await client.apply(photos({ credentials: { secretRef: { name: 'keys' } } }));
    const stalled = await condition('Stalled', 'True', /SecretNotFound/);
    expect(stalled.message).toContain('keys');
    expect((await child('deployment', 'photos')).metadata.generation).toBe(before.metadata.generation);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: NAMESPACE } };
    await client.apply({ ...secret, stringData: { AWS_ACCESS_KEY_ID: 'A' } });
    await condition('Stalled', 'True', /SecretInvalid/);
    await client.apply({ ...secret, stringData: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B' } });
    await condition('Reconciling', 'True', /Progressing/);
    expect(JSON.stringify((await child('deployment', 'photos')).spec)).toContain('AWS_SECRET_ACCESS_KEY');
  });
});
