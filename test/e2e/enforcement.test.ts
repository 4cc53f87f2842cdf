import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { demoFixture, type Fixture } from './fixture.ts';
import { ingressClient } from './ingress-client.ts';
import type { KubernetesObject } from './kubectl.ts';
import { takesTurn } from './turns.ts';

takesTurn();

const NAME = 'guarded';
const HOST = `${NAME}.dummy.local`;

let fixture: Fixture;
let http: ReturnType<typeof ingressClient>;

beforeAll(async () => {
  fixture = await demoFixture();
  http = ingressClient({
    ...fixture.demo,
    URL: `https://${HOST}`,
    RESOLVE: fixture.demo.RESOLVE.replace(/^[^:]+/, HOST),
    readCa: caOf,
  });
});

afterAll(async () => {
  await fixture.kubectl.run('delete', 's3proxy', NAME, '-n', fixture.namespace, '--ignore-not-found');
});

async function secretOf(name: string): Promise<Record<string, string>> {
  const secret = await fixture.kubectl.find(`secret`, `${NAME}-${name}`, fixture.namespace);
  return Object.fromEntries(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

function caOf(): string {
  return ca;
}
let ca = '';

function s3proxy(basic: Record<string, unknown>): object {
  return {
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name: NAME, namespace: fixture.namespace },
    spec: {
      bucket: { name: fixture.demo.S3_BUCKET, endpoint: fixture.demo.AWS_ENDPOINT_URL, forcePathStyle: true },
      credentials: { secretRef: { name: 'photos-s3-keys' } },
      ingress: { host: HOST, className: 'nginx' },
      auth: { basic },
    },
  };
}

async function ready(): Promise<void> {
  await eventually('the S3Proxy to be ready', 90_000, async () => {
    const found = await fixture.kubectl.find<KubernetesObject>('s3proxy', NAME, fixture.namespace);
    return (
      found?.status?.observedGeneration === found?.metadata.generation &&
      found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    );
  });
}

async function credentials(): Promise<string> {
  const { username, password } = await secretOf('basic-auth');
  return `${username}:${password}`;
}

describe('who asks for the password', () => {
  test('the ingress controller, by ingress-nginx annotations', async () => {
    await fixture.kubectl.apply(s3proxy({ enforcement: 'Ingress', driver: 'IngressNginx' }));
    await ready();
    ca = (await secretOf('tls'))['ca.crt'] ?? '';
    const auth = await credentials();
    await eventually(
      'the picture',
      60_000,
      async () => (await http.get({ path: '/1.jpg', auth })).status === 200,
    );
    expect((await http.get({ path: '/1.jpg' })).status).toBe(401);
    const deployment = await fixture.kubectl.find('deployment', NAME, fixture.namespace);
    expect(JSON.stringify(deployment?.spec)).not.toContain('AUTH_HTPASSWD_FILE');
  });

  test.each([
    ['the proxy', { enforcement: 'Proxy' }],
    ['the ingress controller again', { enforcement: 'Ingress', driver: 'IngressNginx' }],
  ])('then %s, without a moment in which nobody does', async (_, basic) => {
    const auth = await credentials();
    const begun = performance.now();
    const admittedAfterMs: number[] = [];
    let refused = 0;
    let done = false;
    const watching = (async () => {
      while (!done) {
        const { status } = await http.get({ path: '/1.jpg' }).catch(() => ({ status: 0 }));
        if (status === 200) admittedAfterMs.push(Math.round(performance.now() - begun));
        if (status === 401) refused += 1;
      }
    })();
    await fixture.kubectl.apply(s3proxy(basic));
    await ready();
    await eventually(
      'the picture',
      60_000,
      async () => (await http.get({ path: '/1.jpg', auth })).status === 200,
    );
    await eventually('the Ingress to ask, or not to ask any more', 60_000, async () => {
      const ingress = await fixture.kubectl.find('ingress', NAME, fixture.namespace);
      const asks = JSON.stringify(ingress?.metadata).includes('nginx.ingress.kubernetes.io/auth-type');
      return asks === (basic.enforcement === 'Ingress');
    });
    done = true;
    await watching;
    expect(admittedAfterMs).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });
});
