import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubernetesObject } from '../e2e/kubectl.ts';
import { eventually } from '../eventually.ts';
import { type OperatorFixture, photos, startOperatorFixture } from './operator-fixture.ts';

const NAMESPACE = 'default';
let fixture: OperatorFixture;

beforeAll(async () => {
  fixture = await startOperatorFixture();
});
afterAll(() => fixture?.stop());

const stored = async (): Promise<KubernetesObject> => {
  const s3proxy = await fixture.client.find('s3proxy', 'photos', NAMESPACE);
  if (s3proxy === undefined) throw new Error('photos is gone');
  return s3proxy;
};

/** Versions of everything that the operator made for it. */
async function childVersions(): Promise<string[]> {
  const kinds = 'deployments,services,ingresses,secrets,serviceaccounts';
  const children = await fixture.client.list(kinds, NAMESPACE, 'app.kubernetes.io/instance=photos');
  return children.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`).sort();
}

async function wait(condition: string): Promise<void> {
  await fixture.client.run('wait', '-n', NAMESPACE, `--for=${condition}`, 's3proxy/photos', '--timeout=30s');
}

/** Changes `spec`, and waits until the operator has seen it. */
async function change(spec: Record<string, unknown>): Promise<void> {
  await fixture.client.apply(photos(spec));
  const { metadata } = await stored();
  await wait(`jsonpath={.status.observedGeneration}=${metadata.generation}`);
}

test('suspended while it was ready, it says so and stays ready for whoever waits', async () => {
  await change({});
  await fixture.rollOut();
  await wait('condition=Ready');
  const before = await stored();
  await change({ suspend: true });
  const { message } = await fixture.condition('Ready', 'True', /^Suspended$/);
  expect(message).toContain('spec.suspend');
  await wait('condition=Ready');
  const { status } = await stored();
  expect(status?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'BucketReachable']);
  expect({ ...status, conditions: 0, observedGeneration: 0 }).toEqual({
    ...before.status,
    conditions: 0,
    observedGeneration: 0,
  });
});

test('suspended, nothing but its status is touched', async () => {
  await fixture.client.run('delete', 'service', 'photos', '-n', NAMESPACE);
  const before = await childVersions();
  // Seen by the operator: the status speaks of it.
  await change({ suspend: true, replicas: 2, ingress: { host: 'other.example.com' } });
  expect(await childVersions()).toEqual(before);
  expect(await fixture.metrics()).toContain(
    's3proxy_condition{namespace="default",name="photos",type="Ready",status="True",reason="Suspended"} 1',
  );
});

test('no longer suspended, all is made true', async () => {
  await change({ replicas: 1 });
  await fixture.child('service', 'photos');
  await eventually('the Deployment to be looked at', 15_000, async () => {
    await fixture.rollOut();
    return (await stored()).status?.conditions?.some(
      ({ type, reason }) => type === 'Ready' && reason === 'Available',
    );
  });
});

test('suspended before it was ready, it is stalled', async () => {
  await change({ credentials: { secretRef: { name: 'keys' } } });
  await fixture.condition('Stalled', 'True', /^SecretNotFound$/);
  await change({ credentials: { secretRef: { name: 'keys' } }, suspend: true });
  await fixture.condition('Stalled', 'True', /^Suspended$/);
  await fixture.condition('Ready', 'False', /^Suspended$/);
  await change({});
  await fixture.rollOut();
  await wait('condition=Ready');
});

test('a webhook that is down shows, and heals by itself', async () => {
  const webhook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'down' },
    webhooks: [
      {
        name: 'down.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 1,
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['services'], operations: ['CREATE', 'UPDATE'] },
        ],
      },
    ],
  };
  await fixture.client.apply(webhook);
  // The API server hears of it a moment later.
  await eventually('the webhook to be asked', 15_000, () =>
    fixture.client.run('create', 'service', 'clusterip', 'trial', '--tcp=80', '--dry-run=server').then(
      () => false,
      () => true,
    ),
  );
  const { url } = (await stored()).status ?? {};
  await fixture.client.run('delete', 'service', 'photos', '-n', NAMESPACE);
  const { message } = await fixture.condition('Reconciling', 'True', /^Retrying$/);
  expect(message).toContain('down.example.com');
  await fixture.condition('Ready', 'False', /^Retrying$/);
  expect((await stored()).status?.url).toBe(url);
  expect(await fixture.metrics()).toMatch(
    /controller_runtime_reconcile_errors_total\{controller="s3proxy"\} [1-9]/,
  );
  await fixture.client.run('delete', 'validatingwebhookconfiguration', 'down');
  await fixture.condition('Ready', 'True', /^Available$/);
});

test('of many that wait at once each says how far it is, though nothing more happens to it', async () => {
  await fixture.operator.stop();
  const many = Array.from({ length: 40 }, (_, index) => ({
    ...photos({ ingress: { host: `many-${index}.example.com` } }),
    metadata: { name: `many-${index}`, namespace: NAMESPACE, labels: { of: 'many' } },
  }));
  await fixture.client.apply({ apiVersion: 'v1', kind: 'List', items: many });
  fixture.operator.start();
  await eventually('all to be told', 30_000, async () => {
    const all = await fixture.client.list('s3proxies', NAMESPACE, 'of=many');
    return all.every(({ status }) =>
      status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'Progressing'),
    );
  });
});
