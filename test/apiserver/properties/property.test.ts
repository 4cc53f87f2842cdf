import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseS3Proxy } from '../../../operator/src/api/parse.ts';
import { API_VERSION, KIND, S3PROXY, type S3Proxy } from '../../../operator/src/api/s3proxy.ts';
import type { S3ProxySpecInput } from '../../../operator/src/api/spec.ts';
import {
  type Leaf,
  leafValues,
  specLeaves,
  specsWith,
  valueAt,
} from '../../../operator/src/api/testing/leaves.ts';
import { controllerOf, type KubeObject } from '../../../operator/src/kube/objects.ts';
import { NAMESPACE, SECRET, SERVICE_ACCOUNT } from '../../../operator/src/kube/resource-kind.ts';
import { type Secret, secretData } from '../../../operator/src/resources/secret.ts';
import { issueCertificateAuthority, issueServerCertificate } from '../../../operator/src/resources/x509.ts';
import { propertySeed } from '../../property-seed.ts';
import { NAME } from '../survival/cycles.ts';
import { type EndState, endState } from '../survival/end-state.ts';
import { openLanes } from '../survival/lanes.ts';
import { type OperatorProcess, startOperator } from '../survival/operator-process.ts';
import { seedOf } from '../survival/random.ts';
import { weatherOf } from '../survival/weather.ts';
import { openWorld, type World } from '../survival/world.ts';
import { expectedChildren } from './expected-children.ts';

// For every leaf of the schema: an S3Proxy that is at rest gets values at that leaf, one after the other, and each time the cluster
// comes to be what the builders say; then it gets its first spec back, and has its first children again, exactly. SURVIVAL=all tries
// every member of an enumeration, the bounds and several values between; otherwise it is one value a leaf.

const EVERYTHING = process.env.SURVIVAL === 'all';
const SAMPLES = EVERYTHING ? 4 : 1;
const LANES = 8;
const PATIENCE_MS = 60_000;

const seed = propertySeed();
const authority = issueCertificateAuthority('others', new Date());
const issued = issueServerCertificate(authority, 'photos.example.com', new Date());
const lanes = openLanes(LANES);
const INITIAL: S3ProxySpecInput = {
  bucket: { name: 'my-bucket' },
  ingress: { host: 'photos.example.com' },
};
let world: World;
let operator: OperatorProcess;
let tried = 0;

beforeAll(async () => {
  world = await openWorld(authority);
  operator = startOperator('', {
    pool: world.pool,
    weather: weatherOf('clear', Math.random),
    fate: () => 'answered',
    onLost: () => {},
  });
});

afterAll(async () => {
  console.info(
    `\nproperties: ${tried} values there and back, at ${specLeaves().length} leaves; seed ${seed}\n`,
  );
  operator?.crash();
  await world?.close();
});

describe.concurrent('there and back again', () => {
  test.each(specLeaves().map((leaf) => [leaf.path, leaf] as const))(
    '%s',
    { timeout: EVERYTHING ? 3_600_000 : 300_000 },
    (path, leaf) =>
      lanes(async () => {
        const namespace = `leaf-${String(specLeaves().findIndex((each) => each.path === path)).padStart(3, '0')}`;
        await world.client.create(NAMESPACE, {
          apiVersion: 'v1',
          kind: NAMESPACE.kind,
          metadata: { name: namespace },
        });
        await apply(namespace, INITIAL);
        await reaches(namespace, () => lacking(namespace));
        const first = await childrenIn(namespace);
        for (const spec of samples(leaf)) {
          expect(valueAt(spec, leaf), 'the leaf is there').toBeDefined();
          tried++;
          await prepare(namespace, spec);
          await apply(namespace, spec);
          await reaches(namespace, () => lacking(namespace));
          await apply(namespace, INITIAL);
          await reaches(namespace, async () => difference(first, await childrenIn(namespace)));
        }
      }),
  );
});

function samples(leaf: Leaf): S3ProxySpecInput[] {
  const values = leafValues(leaf);
  const chosen = EVERYTHING ? values : [fc.oneof(...values)];
  return chosen.flatMap((value) =>
    fc.sample(specsWith(leaf, value), { numRuns: SAMPLES, seed: seed + seedOf(leaf.path) }),
  );
}

async function apply(namespace: string, spec: S3ProxySpecInput): Promise<void> {
  const s3proxy = { apiVersion: API_VERSION, kind: KIND, metadata: { name: NAME, namespace }, spec };
  await world.client.apply(S3PROXY, s3proxy, { fieldManager: 'user' });
}

/** Makes what others keep for an S3Proxy of such a spec. */
async function prepare(namespace: string, spec: S3ProxySpecInput): Promise<void> {
  const { secretRef, serviceAccountName } = spec.credentials ?? {};
  const objects: KubeObject[] = [];
  const secret = (name: string | undefined, type: string, values: Record<string, string>): void => {
    if (name === undefined) return;
    const metadata = { name, namespace };
    objects.push({
      apiVersion: 'v1',
      kind: SECRET.kind,
      metadata,
      type,
      data: secretData(values),
    } as KubeObject);
  };
  const keys = [
    secretRef?.accessKeyIdKey ?? 'AWS_ACCESS_KEY_ID',
    secretRef?.secretAccessKeyKey ?? 'AWS_SECRET_ACCESS_KEY',
  ];
  secret(secretRef?.name, 'Opaque', Object.fromEntries(keys.map((key) => [key, 'AKIA'])));
  secret(spec.auth?.basic?.secretRef?.name, 'kubernetes.io/basic-auth', {
    username: 'ann',
    password: 'a'.repeat(32),
  });
  secret(spec.ingress?.tls?.secretName, 'kubernetes.io/tls', {
    'tls.crt': issued.certificate,
    'tls.key': issued.privateKey,
  });
  if (serviceAccountName !== undefined) {
    const metadata = { name: serviceAccountName, namespace };
    objects.push({ apiVersion: 'v1', kind: SERVICE_ACCOUNT.kind, metadata });
  }
  for (const object of objects) {
    const kind = object.kind === SECRET.kind ? SECRET : SERVICE_ACCOUNT;
    await world.client.apply(kind, object, { fieldManager: 'user' });
  }
}

/** What is not as the builders say; undefined when all is. */
async function lacking(namespace: string): Promise<string | undefined> {
  const live = await world.client.get<S3Proxy>(S3PROXY, { namespace, name: NAME });
  const parsed = parseS3Proxy(live);
  if (!parsed.ok)
    return `the operator does not take what the API server took: ${JSON.stringify(parsed.faults)}`;
  const { secretRef } = parsed.s3proxy.spec.credentials;
  const credentials =
    secretRef && (await world.client.get<Secret>(SECRET, { namespace, name: secretRef.name }));
  const { manifests, secrets } = expectedChildren(parsed.s3proxy, credentials);
  const children = world.observer
    .objects(namespace)
    .filter((each) => controllerOf(each)?.uid === live.metadata.uid);
  const names = (objects: readonly KubeObject[]): string[] =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  const wanted = [...names(manifests), ...secrets.map((name) => `${SECRET.kind} ${name}`)].sort();
  const found = names(children);
  if (!isDeepStrictEqual(found, wanted))
    return `there are ${found.join(', ')} instead of ${wanted.join(', ')}`;
  for (const manifest of manifests) {
    const child = children.find(
      ({ kind, metadata }) => kind === manifest.kind && metadata.name === manifest.metadata.name,
    );
    try {
      expect(child).toMatchObject(JSON.parse(JSON.stringify(manifest)));
    } catch (error) {
      return `${manifest.kind} is not as built: ${error instanceof Error ? error.message : error}`;
    }
  }
  const state = JSON.stringify(await childrenIn(namespace));
  const bad = /<(of no|of another|with|without|wrong|stale|uid of nobody)[^>]*>/.exec(state);
  if (bad !== null) return `a Secret is ${bad[0]}`;
  return parsed.s3proxy.spec.suspend ? undefined : notReady(live);
}

function notReady({ metadata: { generation }, status }: S3Proxy): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === generation
    ? undefined
    : `not Ready: ${JSON.stringify(status?.conditions)}`;
}

/** The children with all that has to be the same again later. */
async function childrenIn(namespace: string): Promise<EndState> {
  const state = await endState(namespace, world.observer.objects(namespace));
  return Object.fromEntries(
    Object.entries(state).filter(
      ([, object]) => (object as KubeObject).metadata.ownerReferences !== undefined,
    ),
  );
}

function difference(wanted: EndState, found: EndState): string | undefined {
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    if (!isDeepStrictEqual(wanted[name], found[name])) {
      return `${name} is ${JSON.stringify(found[name])} instead of ${JSON.stringify(wanted[name])}`;
    }
  }
  return undefined;
}

/** Waits until nothing is lacking: looks after each change in the namespace. */
async function reaches(namespace: string, lacks: () => Promise<string | undefined>): Promise<void> {
  let ring = (): void => {};
  const unsubscribe = world.observer.subscribe(namespace, () => ring());
  const deadline = performance.now() + PATIENCE_MS;
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        ring = resolve;
      });
      const reason = await lacks();
      if (reason === undefined) return;
      if (performance.now() > deadline) throw new Error(`waited in vain: ${reason}`);
      await Promise.race([woken, new Promise((resolve) => setTimeout(resolve, 200))]);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    unsubscribe();
  }
}
