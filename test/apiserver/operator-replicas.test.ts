import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import type { Supervised } from '../../hack/cluster/control-plane/supervisor.ts';
import { writeTokenKubeconfig } from '../../hack/cluster/control-plane/token-kubeconfig.ts';
import { untilEstablished } from '../../hack/cluster/established.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { isApiError } from '../../operator/src/kube/errors.ts';
import type { Lease } from '../../operator/src/kube/lease.ts';
import { LEASE, SERVICE } from '../../operator/src/kube/resource-kind.ts';
import { type AuditEntry, auditEntries, isWrite } from '../audit-log.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { eventually } from '../eventually.ts';
import { type Fixture, startFixture } from './kube-fixture.ts';
import { startOperatorProcess } from './operator-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What the chart promises of two replicas, in milliseconds. */
const TAKES_OVER_WITHIN_MS = 20_000;
const HANDS_OVER_WITHIN_MS = 3_000;

let fixture: Fixture;
let administrator: KubeClient;
let client: ReturnType<typeof kubectl>;
let directory: string;
const started: Supervised[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-replicas-'));
  fixture = await startFixture();
  administrator = fixture.client();
  client = kubectl(await binary('kubectl'), fixture.kubeconfig);
  await client.run('apply', '-f', join(ROOT, 'crds'));
  await untilEstablished(client.run, 's3proxies.s3proxy.dev');
  // Each replica has a name of its own in the audit log; what they may do is not looked at here.
  await client.run(
    'create',
    'clusterrolebinding',
    'all',
    '--clusterrole=cluster-admin',
    '--group=system:serviceaccounts',
  );
});

afterAll(async () => {
  // The paused ones are ended too: SIGKILL needs no cooperation.
  await Promise.all(started.map((operator) => operator.kill()));
  await fixture?.stop();
  await rm(directory, { recursive: true, force: true });
});

const REPLICAS = ['one', 'two'] as const;
type Replica = (typeof REPLICAS)[number];

/** Two replicas of the operator's program that share a Lease in a namespace, work there alone, and have an S3Proxy to look after. */
async function startReplicas(namespace: string) {
  await client.run('create', 'namespace', namespace);
  const replicas: Partial<Record<Replica, Supervised>> = {};
  const log = (replica: Replica): Promise<string> =>
    readFile(join(directory, `${namespace}-${replica}.log`), 'utf8');

  async function start(replica: Replica): Promise<void> {
    await client.run('create', 'serviceaccount', replica, '-n', namespace);
    const token = (await client.run('create', 'token', replica, '-n', namespace)).trim();
    const name = `${namespace}-${replica}`;
    const operator = await startOperatorProcess({
      kubeconfig: await writeTokenKubeconfig(
        join(directory, `${name}.kubeconfig`),
        fixture.kubeconfig,
        token,
      ),
      name,
      logs: directory,
      env: {
        PROXY_IMAGE: 'example.invalid/proxy:1',
        POD_NAME: replica,
        POD_NAMESPACE: namespace,
        WATCH_NAMESPACES: namespace,
        PROBE_SECONDS: '0',
      },
    });
    started.push(operator);
    replicas[replica] = operator;
  }

  async function holder(): Promise<string | undefined> {
    const lease = await administrator.find<Lease>(LEASE, { namespace, name: 's3proxy-operator' });
    return lease?.spec?.holderIdentity?.split('_')[0];
  }

  await start('one');
  await eventually('the first replica to lead', 20_000, async () => (await holder()) === 'one');
  await start('two');
  await client.apply({
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name: 'photos', namespace },
    spec: { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' } },
  });
  await eventually('the second replica to ask for the Lease', 20_000, async () => {
    const asked = (await audited(namespace)).filter(({ objectRef }) => objectRef?.resource === 'leases');
    return asked.some(({ user }) => user.username.endsWith(':two'));
  });

  return {
    replica(name: Replica): Supervised {
      const found = replicas[name];
      if (found === undefined) throw new Error(`${name} was not started`);
      return found;
    },
    log,
    holder,
    /** Breaks something all the time, so that whoever takes itself for the leader has something to write; until stopped. */
    keepBusy(): () => Promise<void> {
      let over = false;
      const going = (async () => {
        while (!over) {
          await administrator.delete(SERVICE, { namespace, name: 'photos' }).catch((error) => {
            if (!isApiError(error, 'NotFound')) throw error;
          });
          await sleep(100);
        }
      })();
      return async () => {
        over = true;
        await going;
      };
    },
    /** Who wrote, and when, in order: everything but the Lease, by the audit log. */
    async writes(): Promise<{ replica: Replica; at: number }[]> {
      return (await audited(namespace))
        .filter(isWrite)
        .filter(({ objectRef }) => objectRef?.resource !== 'leases')
        .map(({ user, requestReceivedTimestamp }) => ({
          replica: user.username.split(':').at(-1) as Replica,
          at: Date.parse(requestReceivedTimestamp),
        }))
        .sort((a, b) => a.at - b.at);
    },
  };
}

/** What the API server logged of the replicas in a namespace. */
async function audited(namespace: string): Promise<AuditEntry[]> {
  const entries = await Promise.all(
    REPLICAS.map((replica) =>
      auditEntries(fixture.auditLog, `system:serviceaccount:${namespace}:${replica}`),
    ),
  );
  return entries.flat();
}

type Replicas = Awaited<ReturnType<typeof startReplicas>>;

/** Waits for the first write of `two`. @returns when it came, by the clock, in milliseconds */
async function takenOver(replicas: Replicas, withinMs: number): Promise<number> {
  const { value } = await eventually('the other replica to write', withinMs + 10_000, async () =>
    (await replicas.writes()).find(({ replica }) => replica === 'two'),
  );
  return value.at;
}

async function oneAtATime(replicas: Replicas): Promise<void> {
  const order = (await replicas.writes()).map(({ replica }) => replica);
  const turns = order.filter((replica, index) => replica !== order[index - 1]);
  expect(turns).toEqual(['one', 'two']);
  // Both had enough to do to be caught.
  for (const each of REPLICAS) expect(order.filter((replica) => replica === each).length).toBeGreaterThan(5);
}

describe.concurrent('two replicas of the operator', () => {
  test('stopped gracefully, the leader hands over within 3 s', async () => {
    const replicas = await startReplicas('graceful');
    const rest = replicas.keepBusy();
    await sleep(3_000);
    const stopped = Date.now();
    await replicas.replica('one').stop();
    expect((await takenOver(replicas, HANDS_OVER_WITHIN_MS)) - stopped).toBeLessThan(HANDS_OVER_WITHIN_MS);
    await sleep(2_000);
    await rest();
    await oneAtATime(replicas);
    expect(await replicas.holder()).toBe('two');
  });

  test('killed, the leader is replaced within 20 s', async () => {
    const replicas = await startReplicas('killed');
    const rest = replicas.keepBusy();
    await sleep(3_000);
    const killed = Date.now();
    await replicas.replica('one').kill();
    expect((await takenOver(replicas, TAKES_OVER_WITHIN_MS)) - killed).toBeLessThan(TAKES_OVER_WITHIN_MS);
    await sleep(2_000);
    await rest();
    await oneAtATime(replicas);
  });

  test('paused for too long, the leader writes nothing when it wakes up, and ends', async () => {
    const replicas = await startReplicas('paused');
    const rest = replicas.keepBusy();
    await sleep(3_000);
    const { pid } = replicas.replica('one');
    if (pid === undefined) throw new Error('the leader does not run');
    process.kill(pid, 'SIGSTOP');
    const paused = Date.now();
    expect((await takenOver(replicas, TAKES_OVER_WITHIN_MS)) - paused).toBeLessThan(TAKES_OVER_WITHIN_MS);
    process.kill(pid, 'SIGCONT');
    await eventually('the former leader to say that it ends', 20_000, async () =>
      (await replicas.log('one')).includes('the Lease was lost'),
    );
    await sleep(2_000);
    await rest();
    await oneAtATime(replicas);
  });
});
