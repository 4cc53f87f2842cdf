import type { KubeObject } from '../kube/objects.ts';
import type { HttpRouteManifest } from '../resources/http-route.ts';
import { sentence } from './sentence.ts';

type ParentRef = HttpRouteManifest['spec']['parentRefs'][number];

interface RouteCondition {
  type: string;
  status: string;
  message?: string;
  observedGeneration?: number;
}

/** The part of an HTTPRoute that tells what its Gateways make of it (gateway.networking.k8s.io/v1, RouteParentStatus). */
export interface LiveRoute extends KubeObject {
  status?: { parents?: { parentRef: ParentRef; conditions?: RouteCondition[] }[] };
}

const ACCEPTED = 'Accepted';
const TOLD: readonly string[] = [ACCEPTED, 'ResolvedRefs'];

/** The same without all that is not read. */
export function keepOfRoute({ status }: LiveRoute): Pick<LiveRoute, 'status'> {
  const parents = status?.parents?.map(
    ({ parentRef: { name, namespace, sectionName, port }, conditions }) => ({
      parentRef: { name, namespace, sectionName, port },
      conditions: (conditions ?? [])
        .filter(({ type }) => TOLD.includes(type))
        .map(({ type, status, message, observedGeneration }) => ({
          type,
          status,
          ...(status !== 'True' && message !== undefined && { message }),
          ...(observedGeneration !== undefined && { observedGeneration }),
        })),
    }),
  );
  return parents === undefined ? {} : { status: { parents } };
}

/** What keeps a route from serving, and where to look; undefined when every Gateway that it names has taken it. */
export function routePending(route: LiveRoute, parentRefs: readonly ParentRef[]): string | undefined {
  const { name, namespace, generation = 0 } = route.metadata;
  const see = `kubectl -n ${namespace} describe httproute ${name}`;
  for (const wanted of parentRefs) {
    const told = (route.status?.parents ?? [])
      .filter(({ parentRef }) => isSame(parentRef, wanted, namespace))
      .flatMap(({ conditions }) => conditions ?? [])
      .filter(({ observedGeneration }) => (observedGeneration ?? generation) >= generation);
    const refusal = told.find(({ status }) => status === 'False');
    if (refusal !== undefined) {
      const why = sentence(refusal.message ?? 'it does not say why');
      return `Gateway ${wanted.name} does not take HTTPRoute ${name}: ${why} See: ${see}`;
    }
    if (!told.some(({ type, status }) => type === ACCEPTED && status === 'True')) {
      return `Gateway ${wanted.name} has not taken HTTPRoute ${name} yet. If it stays so, see whether it is there, and its listeners allow routes of this namespace: ${see}`;
    }
  }
  return undefined;
}

function isSame(one: ParentRef, other: ParentRef, own: string | undefined): boolean {
  return (
    one.name === other.name &&
    (one.namespace ?? own) === (other.namespace ?? own) &&
    one.sectionName === other.sectionName &&
    one.port === other.port
  );
}
