import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { demoFixture, type Fixture } from './fixture.ts';
import type { KubernetesObject } from './kubectl.ts';
import { takesTurn } from './turns.ts';

takesTurn();

let fixture: Fixture;
let namespace: string;

beforeAll(async () => {
  fixture = await demoFixture();
  namespace = `s3p-bad-${Date.now().toString(36)}`;
  await fixture.kubectl.run('create', 'namespace', namespace);
  await fixture.kubectl.apply(keys('good', fixture.demo.AWS_SECRET_ACCESS_KEY));
});

afterAll(async () => {
  await fixture.kubectl.run('delete', 'namespace', namespace, '--wait=false');
});

function s3proxy(name: string, bucket: string, secret: string): object {
  return {
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name, namespace },
    spec: {
      bucket: { name: bucket, endpoint: fixture.demo.AWS_ENDPOINT_URL, forcePathStyle: true },
      credentials: { secretRef: { name: secret } },
      ingress: { host: `${name}.dummy.local`, className: 'traefik' },
    },
  };
}

function keys(name: string, secretAccessKey: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: { AWS_ACCESS_KEY_ID: fixture.demo.AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  };
}

async function condition(name: string, type: string) {
  const found = await fixture.kubectl.find<KubernetesObject>('s3proxy', name, namespace);
  return found?.status?.conditions?.find((each) => each.type === type);
}

function becomes(name: string, type: string, status: string, words: RegExp) {
  return eventually(`${name} to have ${type}=${status} with ${words}`, 90_000, async () => {
    const now = await condition(name, type);
    return now?.status === status && words.test(`${now.reason} ${now.message}`) && now;
  });
}

describe.concurrent('bad input is told, and mended input heals', () => {
  test.each([
    ['bucket.name', { bucket: { name: 'NO_SUCH!' }, ingress: { host: 'a.example' } }, /spec\.bucket\.name/],
    [
      'ingress.host',
      { bucket: { name: 'pictures' }, ingress: { host: 'not a host' } },
      /spec\.ingress\.host/,
    ],
    [
      'replicas',
      { bucket: { name: 'pictures' }, ingress: { host: 'a.example' }, replicas: -1 },
      /spec\.replicas/,
    ],
    [
      'unknown',
      { bucket: { name: 'pictures', colour: 1 }, ingress: { host: 'a.example' } },
      /spec\.bucket\.colour/,
    ],
  ])('the API server refuses a bad %s and names the field', async (_, spec, field) => {
    const refused = fixture.kubectl.apply({
      apiVersion: 's3proxy.dev/v1alpha1',
      kind: 'S3Proxy',
      metadata: { name: 'refused', namespace },
      spec,
    });
    await expect(refused).rejects.toThrow(field);
  });

  test('a missing Secret', async () => {
    await fixture.kubectl.apply(s3proxy('no-secret', fixture.demo.S3_BUCKET, 'late'));
    await becomes('no-secret', 'Stalled', 'True', /late/);
    await becomes('no-secret', 'Ready', 'False', /late/);
    await fixture.kubectl.apply(keys('late', fixture.demo.AWS_SECRET_ACCESS_KEY));
    await becomes('no-secret', 'Ready', 'True', /./);
    // Abnormal conditions are there only while they are true.
    expect(await condition('no-secret', 'Stalled')).toBeUndefined();
  });

  test('a missing bucket', async () => {
    const bucket = `late-${Date.now()}`;
    await fixture.kubectl.apply(s3proxy('no-bucket', bucket, 'good'));
    await becomes('no-bucket', 'BucketReachable', 'False', /bucket/i);
    await becomes('no-bucket', 'Ready', 'False', /bucket/i);
    await fixture.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await fixture.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a.txt', Body: 'a' }));
    await becomes('no-bucket', 'Ready', 'True', /./);
  });

  test('wrong keys', async () => {
    await fixture.kubectl.apply(keys('wrong', 'not-the-secret-key'));
    await fixture.kubectl.apply(s3proxy('wrong-keys', fixture.demo.S3_BUCKET, 'wrong'));
    await becomes('wrong-keys', 'BucketReachable', 'False', /key|signature|credential/i);
    await fixture.kubectl.apply(keys('wrong', fixture.demo.AWS_SECRET_ACCESS_KEY));
    await becomes('wrong-keys', 'Ready', 'True', /./);
  });

  test('a name already taken by a foreign Deployment', async () => {
    const foreign = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'taken', namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'other' } },
        template: {
          metadata: { labels: { app: 'other' } },
          spec: { containers: [{ name: 'other', image: 'example.invalid/other:1' }] },
        },
      },
    };
    await fixture.kubectl.apply(foreign);
    const before = await fixture.kubectl.find('deployment', 'taken', namespace);
    await fixture.kubectl.apply(s3proxy('taken', fixture.demo.S3_BUCKET, 'good'));
    await becomes('taken', 'Stalled', 'True', /Deployment.*taken/);
    const { value: event } = await eventually('an event', 10_000, async () => {
      const events = await fixture.kubectl.list<{ regarding: { name: string }; note: string }>(
        'events.events.k8s.io',
        namespace,
      );
      return events.find(({ regarding, note }) => regarding.name === 'taken' && /Deployment/.test(note));
    });
    expect(event.note).toContain('taken');
    const after = await fixture.kubectl.find('deployment', 'taken', namespace);
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(after?.metadata.generation).toBe(before?.metadata.generation);
    expect(after?.metadata.labels).toEqual(before?.metadata.labels);
    await fixture.kubectl.run('delete', 'deployment', 'taken', '-n', namespace);
    await becomes('taken', 'Ready', 'True', /./);
  });
});

describe('an S3Proxy that goes', () => {
  test('takes all its children along', async () => {
    const selector = 'app.kubernetes.io/instance=taken';
    const kinds = 'deployments,replicasets,pods,services,ingresses,secrets,endpointslices';
    expect(await fixture.kubectl.list(kinds, namespace, selector)).not.toHaveLength(0);
    await fixture.kubectl.run('delete', 's3proxy', 'taken', '-n', namespace);
    await eventually('all children to be gone', 90_000, async () => {
      return (await fixture.kubectl.list(kinds, namespace, selector)).length === 0;
    });
  });
});
