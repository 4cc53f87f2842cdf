import { beforeAll, describe, expect, test } from 'vitest';
import { demoFixture, type Fixture } from './fixture.ts';
import { eventually } from './kubectl.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await demoFixture();
});

const KINDS = 's3proxies,deployments,services,ingresses,secrets';

/** uid and generation of everything in the demo's namespace: the same before and after means nothing was lost or doubled. */
async function inventory(): Promise<string[]> {
  const objects = await fixture.kubectl.list<{ kind: string; metadata: { name: string; uid: string } }>(
    KINDS,
    fixture.namespace,
  );
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`).sort();
}

function picture() {
  return eventually('the picture', 120_000, async () => {
    const answer = await fixture.http.get({ path: '/1.jpg', auth: fixture.auth });
    return answer.status === 200;
  });
}

describe('restarts lose and double nothing', () => {
  test('the operator', async () => {
    const before = await inventory();
    const operator = ['-n', fixture.demo.OPERATOR_NAMESPACE, '-l', 'app.kubernetes.io/name=s3proxy-operator'];
    await fixture.kubectl.run('delete', 'pod', ...operator);
    await fixture.kubectl.run('rollout', 'status', 'deployment', ...operator, '--timeout=90s');
    // It works again once it mends something.
    await fixture.kubectl.run('delete', 'service', 'photos', '-n', fixture.namespace);
    await eventually('the Service to be made anew', 60_000, () =>
      fixture.kubectl.find('service', 'photos', fixture.namespace),
    );
    const withoutService = (lines: string[]): string[] =>
      lines.filter((line) => !line.startsWith('Service/photos '));
    expect(withoutService(await inventory())).toEqual(withoutService(before));
    await picture();
  });
});
