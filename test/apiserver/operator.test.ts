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

  test('leaves the number of pods to an autoscaler as it is, within its bounds', async () => {
    await client.apply(photos({ replicas: 10 }));
    const wanted = async () => (await child('deployment', 'photos')).spec?.replicas;
    await eventually('ten pods', 15_000, async () => (await wanted()) === 10);
    const autoscaling = { minReplicas: 2, maxReplicas: 8 };
    await client.apply(photos({ autoscaling }));
    const seen = new Set<unknown>();
    await eventually('the autoscaler', 15_000, async () => {
      seen.add(await wanted());
      return (await client.find('hpa', 'photos', NAMESPACE)) !== undefined;
    });
    seen.add(await wanted());
    expect([...seen].filter((each) => each !== 10)).toEqual([8]);
    // As the autoscaler does.
    await client.run('scale', 'deployment/photos', '-n', NAMESPACE, '--replicas=5');
    await sleep(1_000);
    expect(await wanted()).toBe(5);
    await client.apply(photos({ replicas: 3 }));
    await eventually('three pods', 15_000, async () => (await wanted()) === 3);
  });

  test("takes up another S3Proxy's Secret when it comes", async () => {
    const secretRef = { name: 'videos-basic-auth' };
    await client.apply(photos({ auth: { basic: { secretRef } } }));
    await condition('Stalled', 'True', /SecretNotFound/);
    const videos = {
      ...photos({ ingress: { host: 'videos.example.com' } }),
      metadata: { name: 'videos', namespace: NAMESPACE },
    };
    await client.apply(videos);
    await condition('Reconciling', 'True', /Progressing/);
  });

  test('keeps a Secret that it made and that the spec names, and refuses a certificate that nobody would renew', async () => {
    await client.apply(photos());
    const before = await child('secret', 'photos-basic-auth');
    await child('secret', 'photos-tls');
    await rollOut();
    await condition('Ready', 'True', /Available/);
    await client.apply(photos({ auth: { basic: { secretRef: { name: 'photos-basic-auth' } } } }));
    await eventually('the S3Proxy to be looked at', 15_000, async () => {
      const s3proxy = await client.find('s3proxy', 'photos', NAMESPACE);
      return s3proxy?.status?.observedGeneration === s3proxy?.metadata.generation;
    });
    await rollOut();
    await condition('Ready', 'True', /Available/);
    await sleep(1_000);
    expect((await client.find('secret', 'photos-basic-auth', NAMESPACE))?.data).toEqual(before.data);
    const tls = { secretName: 'photos-tls' };
    await client.apply(photos({ ingress: { host: 'photos.example.com', tls } }));
    expect((await condition('Stalled', 'True', /SecretInvalid/)).message).toMatch(/operator's own/);
    expect(await client.find('secret', 'photos-tls', NAMESPACE)).toBeDefined();
    expect(await client.find('secret', 'photos-ca', NAMESPACE)).toBeDefined();
  });

  test('neither publishes a Service nor scales a Deployment that is not its own', async () => {
    const metadata = { name: 'internal', namespace: NAMESPACE };
    const labels = { app: 'internal' };
    await client.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [{ name: 'http', port: 80 }] },
    });
    const containers = [{ name: 'main', image: 'example.invalid/internal:1' }];
    await client.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 10,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    });
    const spec = { ingress: { host: 'internal.example.com' }, autoscaling: { maxReplicas: 2 } };
    await client.apply({ ...photos(spec), metadata });
    await eventually('the conflict to be told', 15_000, async () => {
      const s3proxy = await client.find('s3proxy', 'internal', NAMESPACE);
      return s3proxy?.status?.conditions?.some(({ reason }) => reason === 'NameConflict');
    });
    expect(await client.find('ingress', 'internal', NAMESPACE)).toBeUndefined();
    expect(await client.find('hpa', 'internal', NAMESPACE)).toBeUndefined();
  });
});
