import { createHash, randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { hashPassword } from '../../operator/src/resources/password-hash.ts';
import type { Fixture } from '../e2e/fixture.ts';
import { ingressClient } from '../e2e/ingress-client.ts';
import type { KubernetesObject } from '../e2e/kubectl.ts';
import { eventually } from '../eventually.ts';

const LARGE_KEY = 'large.bin';
const LARGE_BYTES = 64 * 2 ** 20;
const SETTLE_MS = 180_000;

/** User names of the S3Proxy that is under load, with their passwords. */
export type Users = Record<string, string>;

/** The S3Proxy under load: two proxies, a self-signed certificate, users in an htpasswd file. */
export async function publish(fixture: Fixture, name: string, className: string) {
  const { kubectl, demo, namespace, s3 } = fixture;
  const host = `${name}.dummy.local`;
  const [, , address = ''] = demo.RESOLVE.split(':');
  let spec: Record<string, unknown> = {};

  async function setUsers(users: Users): Promise<void> {
    const lines = await Promise.all(
      Object.entries(users).map(
        async ([user, password]) => `${user}:${await hashPassword('apr1', password)}`,
      ),
    );
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-users`, namespace },
      stringData: { htpasswd: `${lines.join('\n')}\n` },
    });
  }

  /** Applies the S3Proxy with what is new, and does not wait. */
  async function change(changes: Record<string, unknown>): Promise<void> {
    spec = { ...spec, ...changes };
    await kubectl.apply({
      apiVersion: 's3proxy.dev/v1alpha1',
      kind: 'S3Proxy',
      metadata: { name, namespace },
      spec: {
        bucket: { name: demo.S3_BUCKET, endpoint: demo.AWS_ENDPOINT_URL, forcePathStyle: true },
        credentials: { secretRef: { name: 'photos-s3-keys' } },
        ingress: { host, className },
        auth: { basic: { secretRef: { name: `${name}-users` } } },
        replicas: 2,
        ...spec,
      },
    });
  }

  const pods = () => kubectl.list<KubernetesObject>('pods', namespace, `app.kubernetes.io/instance=${name}`);

  /** Waits until it is ready as it is specified now, and the pods that it does not want are gone. */
  async function settled(): Promise<void> {
    await eventually(`${name} to be ready`, SETTLE_MS, async () => {
      const found = await kubectl.find<KubernetesObject>('s3proxy', name, namespace);
      const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready');
      return found?.status?.observedGeneration === found?.metadata.generation && ready?.status === 'True';
    });
    await eventually(`the pods of ${name} to be as many as wanted`, SETTLE_MS, async () => {
      const wanted = (spec.replicas as number | undefined) ?? 2;
      const running = (await pods()).filter(({ status }) => status?.phase !== 'Failed');
      return running.length === wanted && running.every(isReady);
    });
  }

  async function secret(suffix: string, key: string): Promise<string> {
    const found = await kubectl.find('secret', `${name}-${suffix}`, namespace);
    return Buffer.from(found?.data?.[key] ?? '', 'base64').toString();
  }

  let ca = '';
  const http = ingressClient({
    URL: `https://${host}`,
    RESOLVE: `${host}:443:${address}`,
    CA_FILE: '',
    readCa: () => ca,
  });

  return {
    name,
    host,
    address,
    http,
    setUsers,
    change,
    settled,
    pods,
    secret,
    /** Trusts the certificate authority that the operator made, from now on. */
    async trust(): Promise<void> {
      ca = await secret('tls', 'ca.crt');
    },
    /** Puts an object that takes a while to download. @returns its path and SHA-256. */
    async putLargeObject(): Promise<{ path: string; sha256: string }> {
      const Body = randomBytes(LARGE_BYTES);
      await s3.send(new PutObjectCommand({ Bucket: demo.S3_BUCKET, Key: LARGE_KEY, Body }));
      return { path: `/${LARGE_KEY}`, sha256: createHash('sha256').update(Body).digest('hex') };
    },
  };
}

export type Published = Awaited<ReturnType<typeof publish>>;

function isReady({ status }: KubernetesObject): boolean {
  return status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
}
