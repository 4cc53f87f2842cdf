import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, openCluster } from '../../hack/cluster/cluster.ts';
import { issueServerCertificate } from '../../operator/src/resources/x509.ts';
import { demoFixture, type Fixture, objectBytes } from '../e2e/fixture.ts';
import { eventually } from '../eventually.ts';
import { takeProcessIds, watchProcessIds } from './pressure.ts';
import { type Published, publish, type Users } from './published.ts';
import { slowDownload } from './slow-download.ts';
import { type Audience, failedVisits, type Traffic, underLoad } from './traffic.ts';
import { startVisitor } from './visitor.ts';
import { startWrk } from './wrk.ts';

const NAME = 'busy';
/** At a time, for longer than a proxy that stops goes on taking requests. */
const DOWNLOADS = 4;
const API_SERVER_DOWN_SECONDS = 60;
/** All scenes together must have been under load for longer than this. */
const LEAST_SECONDS = 300;
const DAY_MS = 24 * 60 * 60 * 1_000;

const users: Users = { steady: 'not-to-be-changed', rotated: 'the-old-one' };
let fixture: Fixture;
let cluster: Cluster;
let busy: Published;
let audience: Audience;
let secondsUnderLoad = 0;

beforeAll(async () => {
  fixture = await demoFixture();
  const opened = await openCluster(join(fixture.directory, 'cluster'));
  if (opened === undefined) throw new Error('the cluster does not run');
  cluster = opened;
  // Now, because a kubelet that starts again takes all pods for not ready until it has probed them.
  await watchProcessIds(cluster, fixture.kubectl);
  await fixture.kubectl.apply({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'first-to-go' },
    value: -1_000,
  });
  busy = await publish(fixture, NAME, 'traefik');
  await busy.setUsers(users);
  await busy.change({ podTemplate: { priorityClassName: 'first-to-go' } });
  await busy.settled();
  await busy.trust();
  const sha256 = createHash('sha256')
    .update(await objectBytes(fixture, '1.jpg'))
    .digest('hex');
  audience = { auth: `steady:${users.steady}`, sha256 };
  await eventually('the picture', 60_000, async () => {
    return (await busy.http.get({ path: '/1.jpg', auth: audience.auth })).status === 200;
  });
});

afterAll(async () => {
  await fixture?.kubectl.run('delete', 's3proxy', NAME, '-n', fixture.namespace, '--ignore-not-found');
});

/** Runs `work` under load, and finds every request answered as it should be. */
async function nobodyNotices(seconds: number, work: () => Promise<void>): Promise<Traffic> {
  const traffic = await underLoad(busy, audience, seconds, work);
  secondsUnderLoad += traffic.wrk.seconds;
  expect(Object.keys(traffic.wrk.statuses)).toEqual(['200']);
  expect(traffic.wrk.broken).toEqual({ connect: 0, read: 0, write: 0, timeout: 0 });
  expect(failedVisits(traffic.visits)).toEqual([]);
  expect(traffic.visits.length).toBeGreaterThan(seconds);
  return traffic;
}

/** The one process in the machine whose command line matches. */
async function pidOf(pattern: string): Promise<string> {
  const found = (await cluster.execute('pgrep', '-f', pattern)).trim();
  expect(found).toMatch(/^\d+$/);
  return found;
}

async function podNames(): Promise<string[]> {
  return (await busy.pods()).map(({ metadata }) => metadata.name).sort();
}

interface KubeletEvent {
  reason: string;
  involvedObject: { kind: string; name: string };
}

/** Names of the pods that the kubelet said it evicts. */
async function evictedPods(): Promise<string[]> {
  const events = await fixture.kubectl.list<KubeletEvent>('events', fixture.namespace);
  return events
    .filter(({ reason, involvedObject: { kind } }) => reason === 'Evicted' && kind === 'Pod')
    .map(({ involvedObject }) => involvedObject.name);
}

describe('under load, nobody notices', () => {
  test('a rolling update, in the middle of a download', async () => {
    const { path, sha256 } = await busy.putLargeObject();
    const before = await podNames();
    await nobodyNotices(30, async () => {
      const downloads = Promise.all(
        Array.from({ length: DOWNLOADS }, () => slowDownload(busy.http, path, audience.auth, 3e6)),
      );
      // One that breaks off is told below, not while nobody waits for it.
      downloads.catch(() => undefined);
      await sleep(1_000);
      await busy.change({ logging: { level: 'warn' } });
      await busy.settled();
      await busy.change({ cache: { memory: '16Mi' } });
      await busy.settled();
      expect(await downloads).toEqual(Array(DOWNLOADS).fill(sha256));
    });
    expect(before).not.toContain((await podNames())[0]);
  });

  test('a pod being evicted by the kubelet of a node under pressure', async () => {
    await nobodyNotices(60, async () => {
      const relieve = await takeProcessIds();
      try {
        // It says so first, and then lets the pod drain; a kubelet that is done with one takes the next while the pressure lasts.
        await eventually('the kubelet to evict a pod', 120_000, async () => (await evictedPods()).length > 0);
      } finally {
        await relieve();
      }
      const [evicted] = await evictedPods();
      await eventually('the pod to be gone', 120_000, async () => !(await podNames()).includes(`${evicted}`));
      await busy.settled();
    });
    expect(await evictedPods()).toEqual([expect.stringMatching(`^${NAME}-`)]);
  });

  test(`the API server being down for ${API_SERVER_DOWN_SECONDS} s`, async () => {
    await nobodyNotices(API_SERVER_DOWN_SECONDS + 45, async () => {
      // It is started again a second after each death, and needs several to be ready.
      const kill = 'end=$((SECONDS + $0)); while ((SECONDS < end)); do pkill -KILL -f "$1"; sleep 0.2; done';
      const pattern = '^[^ ]*/kube-apiserver-';
      const down = cluster.execute('bash', '-c', kill, String(API_SERVER_DOWN_SECONDS), pattern);
      await sleep((API_SERVER_DOWN_SECONDS * 1_000) / 2);
      await expect(fixture.kubectl.run('get', '--raw', '/readyz')).rejects.toThrow();
      await down;
      await eventually('the API server', 60_000, () => fixture.kubectl.run('get', '--raw', '/readyz'));
      await busy.change({ logging: { level: 'warn' } });
      await busy.settled();
    });
  });

  test('the operator being killed while it works', async () => {
    await nobodyNotices(30, async () => {
      await busy.change({ logging: { level: 'info' } });
      await cluster.execute('kill', '-KILL', await pidOf('^node .*/app/operator'));
      await busy.settled();
      await busy.change({ replicas: 3 });
      await busy.settled();
      await busy.change({ replicas: 2 });
      await busy.settled();
    });
  });

  test('a certificate being renewed', async () => {
    const authority = {
      certificate: await busy.secret('ca', 'tls.crt'),
      privateKey: await busy.secret('ca', 'tls.key'),
    };
    // Two thirds of its days are over.
    const then = new Date(Date.now() - 61 * DAY_MS);
    const old = issueServerCertificate(authority, busy.host, then);
    await nobodyNotices(30, async () => {
      const data = { 'tls.crt': old.certificate, 'tls.key': old.privateKey };
      const base64 = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
      const patch = JSON.stringify({ data: Object.fromEntries(base64) });
      await fixture.kubectl.run(
        ...['patch', 'secret', `${NAME}-tls`, '-n', fixture.namespace, '--type=merge', '-p', patch],
      );
      await eventually('a new certificate', 60_000, async () => {
        return (await busy.secret('tls', 'tls.crt')) !== old.certificate;
      });
    });
  });

  test("another user's password being changed", async () => {
    const [before, after] = [`rotated:${users.rotated}`, 'rotated:the-new-one'];
    const { host, address } = busy;
    const former = await startWrk({ host, address, auth: before, connections: 2, pauseMs: 50 });
    const newcomer = startVisitor(busy.http, '/1.jpg', after, audience.sha256);
    await nobodyNotices(30, async () => {
      await busy.setUsers({ ...users, rotated: 'the-new-one' });
      // The kubelet brings a changed Secret to the pods by and by.
      await eventually('all proxies to know the new password', 180_000, async () => {
        const last = newcomer.visits.slice(-30);
        return last.length === 30 && last.every(({ outcome }) => outcome === '200');
      });
    });
    const visits = await newcomer.stop();
    const first = visits.find(({ outcome }) => outcome === '200')?.at ?? 0;
    const last = visits.findLast(({ outcome }) => outcome !== '200')?.at ?? 0;
    console.log(`the new password was good from ${first} ms on, and everywhere after ${last} ms`);
    expect(new Set(visits.map(({ outcome }) => outcome))).toEqual(new Set(['401', '200']));
    const { statuses, broken } = await former.stop();
    expect(Object.keys(statuses).sort()).toEqual(['200', '401']);
    expect(broken).toEqual({ connect: 0, read: 0, write: 0, timeout: 0 });
    expect((await busy.http.get({ path: '/1.jpg', auth: before })).status).toBe(401);
  });

  test('more replicas, then fewer', async () => {
    await nobodyNotices(30, async () => {
      for (const replicas of [4, 1, 2]) {
        await busy.change({ replicas });
        await busy.settled();
      }
    });
  });

  test('a pod being evicted, as a drained node does', async () => {
    const [pod] = await podNames();
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace: fixture.namespace },
    };
    await nobodyNotices(20, async () => {
      await fixture.kubectl.create(`/api/v1/namespaces/${fixture.namespace}/pods/${pod}/eviction`, eviction);
      await busy.settled();
    });
    expect(await podNames()).not.toContain(pod);
  });

  test(`all that for more than ${LEAST_SECONDS} s`, () => {
    expect(secondsUnderLoad).toBeGreaterThan(LEAST_SECONDS);
  });
});
