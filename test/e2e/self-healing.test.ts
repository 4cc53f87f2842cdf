import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { demoFixture, type Fixture } from './fixture.ts';
import type { KubernetesObject } from './kubectl.ts';
import { takesTurn } from './turns.ts';

takesTurn();

/** How soon whatever was broken must be back, in milliseconds. */
const BACK_WITHIN_MS = 5_000;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await demoFixture();
});

async function child(kind: string, name: string): Promise<KubernetesObject> {
  const found = await fixture.kubectl.find(kind, name, fixture.namespace);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

describe('what is broken comes back', () => {
  test.each([
    ['deployment', 'photos'],
    ['service', 'photos'],
    ['ingress', 'photos'],
    ['secret', 'photos-tls'],
    ['secret', 'photos-htpasswd'],
  ])('a deleted %s %s', async (kind, name) => {
    const before = await child(kind, name);
    await fixture.kubectl.run('delete', kind, name, '-n', fixture.namespace, '--wait=false');
    const { tookMs } = await eventually(`${kind} ${name} to be made anew`, BACK_WITHIN_MS, async () => {
      const now = await fixture.kubectl.find(kind, name, fixture.namespace);
      return now !== undefined && now.metadata.uid !== before.metadata.uid;
    });
    expect(tookMs).toBeLessThan(BACK_WITHIN_MS);
  });

  test('an edited field that the operator manages', async () => {
    const { kubectl, namespace } = fixture;
    const patch = JSON.stringify([
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'example.invalid/other:1' },
    ]);
    await kubectl.run('patch', 'deployment', 'photos', '-n', namespace, '--type=json', '-p', patch);
    await eventually('the image to be put right', BACK_WITHIN_MS, async () => {
      const image = await kubectl.run(
        ...['get', 'deployment', 'photos', '-n', namespace],
        ...['-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
      );
      return !image.includes('example.invalid');
    });
    const service = JSON.stringify({ spec: { selector: { nobody: 'here' } } });
    await kubectl.run('patch', 'service', 'photos', '-n', namespace, '--type=merge', '-p', service);
    await eventually('the selector to be put right', BACK_WITHIN_MS, async () => {
      const live = await child('service', 'photos');
      return !JSON.stringify(live.spec).includes('nobody');
    });
  });

  test('a field of somebody else stays', async () => {
    const { kubectl, namespace } = fixture;
    await kubectl.run('annotate', 'service', 'photos', '-n', namespace, 'example.com/owner=web-team');
    await kubectl.run('delete', 'deployment', 'photos', '-n', namespace);
    await eventually('the Deployment to be made anew', BACK_WITHIN_MS, () =>
      kubectl.find('deployment', 'photos', namespace),
    );
    const live = await child('service', 'photos');
    expect(live.metadata).toMatchObject({ annotations: { 'example.com/owner': 'web-team' } });
  });

  test('and the picture is served again', async () => {
    const { kubectl, namespace } = fixture;
    // By a pod of the new Deployment, and not by one that is on its way out.
    await kubectl.run('rollout', 'status', 'deployment/photos', '-n', namespace, '--timeout=90s');
    await kubectl.run('wait', '--for=condition=Ready', 's3proxy/photos', '-n', namespace, '--timeout=90s');
    await eventually('the picture', 90_000, async () => {
      const answer = await fixture.http.get({ path: '/1.jpg', auth: fixture.auth });
      return answer.status === 200;
    });
  });
});
