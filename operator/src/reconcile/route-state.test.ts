import { describe, expect, test } from 'vitest';
import { keepOfRoute, type LiveRoute, routePending } from './route-state.ts';

const parentRef = { name: 'public', namespace: 'gateways', sectionName: 'https' };
type Conditions = NonNullable<NonNullable<LiveRoute['status']>['parents']>[number]['conditions'];

function route(conditions?: Conditions, parent: object = parentRef): LiveRoute {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'photos', namespace: 'web', generation: 2 },
    ...(conditions && { status: { parents: [{ parentRef: { ...parentRef, ...parent }, conditions }] } }),
  };
}

const accepted = { type: 'Accepted', status: 'True', observedGeneration: 2 };
const resolved = { type: 'ResolvedRefs', status: 'True', observedGeneration: 2 };

test('a route that its Gateway takes waits for nothing', () => {
  expect(routePending(route([accepted, resolved]), [parentRef])).toBeUndefined();
  expect(routePending(route(), [])).toBeUndefined();
});

describe('nobody has taken', () => {
  test.each<[what: string, live: LiveRoute]>([
    ['a route that no controller has looked at', route()],
    ['one that was taken before it changed', route([{ ...accepted, observedGeneration: 1 }, resolved])],
    ["one that another listener's controller took", route([accepted], { sectionName: 'http' })],
    ['one of which nothing is said but that its Service is there', route([resolved])],
  ])('%s', (_, live) => {
    expect(routePending(live, [parentRef])).toMatch(
      /^Gateway public has not taken .* kubectl -n web describe httproute photos$/,
    );
  });
});

test.each(['Accepted', 'ResolvedRefs'])("the Gateway's own words are told when %s is False", (type) => {
  const told = [accepted, resolved].filter((each) => each.type !== type);
  const refusal = { type, status: 'False', message: 'not allowed by the listener', observedGeneration: 2 };
  expect(routePending(route([...told, refusal]), [parentRef])).toMatch(
    /Not allowed by the listener\. See: kubectl/i,
  );
});

test('every Gateway counts, and one of the own namespace need not say so', () => {
  const second = { name: 'inside' };
  const live = route([accepted, resolved]);
  expect(routePending(live, [parentRef, second])).toMatch(/Gateway inside/);
  live.status?.parents?.push({ parentRef: { name: 'inside', namespace: 'web' }, conditions: [accepted] });
  expect(routePending(live, [parentRef, second])).toBeUndefined();
});

test('what is kept tells the same', () => {
  const refusal = { type: 'Accepted', status: 'False', message: 'no', observedGeneration: 2 };
  for (const live of [route(), route([accepted, resolved]), route([refusal])]) {
    const kept = { ...live, ...keepOfRoute(live) };
    expect(routePending(kept, [parentRef])).toBe(routePending(live, [parentRef]));
  }
});
