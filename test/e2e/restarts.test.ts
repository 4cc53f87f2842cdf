import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { openCluster } from '../../hack/cluster/cluster.ts';
import { eventually } from '../eventually.ts';
import { writesSince } from './audit-log.ts';
import { demoFixture, type Fixture } from './fixture.ts';
import { takesTurn } from './turns.ts';

takesTurn();

let fixture: Fixture;
beforeAll(async () => {
  fixture = await demoFixture();
});

const KINDS = 's3proxies,deployments,services,ingresses,secrets,serviceaccounts';
const AT_REST_MS = 60_000;

/** Everything in the demo's namespace with its uid: the same before and after means nothing was lost or doubled. */
async function inventory(): Promise<string[]> {
  const objects = await fixture.kubectl.list<{ kind: string; metadata: { name: string; uid: string } }>(
    KINDS,
    fixture.namespace,
  );
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`).sort();
}

function served() {
  return eventually('the picture', 120_000, async () => {
    const answer = await fixture.http.get({ path: '/1.jpg', auth: fixture.auth });
    return answer.status === 200;
  });
}

/** Shows that the operator works again: it mends what is broken. */
async function mends(): Promise<void> {
  const { kubectl, namespace } = fixture;
  const scale = ['-n', namespace, '-o', 'jsonpath={.spec.replicas}'];
  await kubectl.run('scale', 'deployment', 'photos', '-n', namespace, '--replicas=2');
  await eventually('the replicas to be put right', 60_000, async () => {
    return (await kubectl.run('get', 'deployment', 'photos', ...scale)) === '1';
  });
}

async function operatorUser(): Promise<string> {
  const [pod] = await fixture.kubectl.list<{ spec: { serviceAccountName: string } }>(
    'pods',
    fixture.demo.OPERATOR_NAMESPACE,
  );
  return `system:serviceaccount:${fixture.demo.OPERATOR_NAMESPACE}:${pod?.spec.serviceAccountName}`;
}

describe('restarts lose and double nothing', () => {
  test('of the operator', async () => {
    const before = await inventory();
    const { OPERATOR_NAMESPACE } = fixture.demo;
    await fixture.kubectl.run('delete', 'pod', '-n', OPERATOR_NAMESPACE, '--all');
    await mends();
    expect(await inventory()).toEqual(before);
    await served();
  });

  test('of the API server', async () => {
    const before = await inventory();
    const cluster = await openCluster(join(fixture.directory, 'cluster'));
    const pid = (await cluster?.execute('pgrep', '-f', '^[^ ]*kube-apiserver'))?.trim() ?? '';
    expect(pid).toMatch(/^\d+$/);
    await cluster?.execute('kill', '-KILL', pid);
    // What runs needs no API server.
    expect((await fixture.http.get({ path: '/1.jpg', auth: fixture.auth })).status).toBe(200);
    await eventually('the API server', 60_000, () => fixture.kubectl.run('get', '--raw', '/readyz'));
    await mends();
    expect(await inventory()).toEqual(before);
  });

  test('of the whole node', async () => {
    const before = await inventory();
    const answer = await fetch(inject('rebootUrl'), { method: 'POST' });
    expect(answer.status, await answer.text()).toBe(204);
    await served();
    await mends();
    expect(await inventory()).toEqual(before);
  });

  test(`at rest, nothing is written for ${AT_REST_MS / 1000} s`, async () => {
    await eventually('all to be ready', 90_000, async () => {
      const s3proxy = await fixture.kubectl.find('s3proxy', 'photos', fixture.namespace);
      return s3proxy?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    });
    await sleep(5_000);
    const since = new Date();
    await sleep(AT_REST_MS);
    const writes = await writesSince(fixture.directory, await operatorUser(), since);
    const counted = writes.filter(({ objectRef }) => objectRef?.resource !== 'leases');
    expect(counted).toEqual([]);
    // The Lease's renewals show that the operator was alive and that the log was looked at in the right place.
    expect(writes.length).toBeGreaterThan(0);
  });
});
