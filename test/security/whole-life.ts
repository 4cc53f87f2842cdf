import { API_VERSION, KIND, S3PROXY, type S3Proxy } from '../../operator/src/api/s3proxy.ts';
import type { S3ProxySpecInput } from '../../operator/src/api/spec.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { isApiError } from '../../operator/src/kube/errors.ts';
import { microTime } from '../../operator/src/kube/micro-time.ts';
import { type KubeObject, refTo } from '../../operator/src/kube/objects.ts';
import {
  apiVersionOf,
  DEPLOYMENT,
  EVENT,
  HORIZONTAL_POD_AUTOSCALER,
  INGRESS,
  NETWORK_POLICY,
  POD,
  POD_DISRUPTION_BUDGET,
  type ResourceKind,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../operator/src/kube/resource-kind.ts';
import type { LiveDeployment } from '../../operator/src/reconcile/deployment-state.ts';
import { isRolledOut, rolledOutStatus } from '../../operator/src/reconcile/testing/rolled-out.ts';
import { middlewareName } from '../../operator/src/resources/child-names.ts';
import { CERTIFICATE, HTTP_ROUTE, MIDDLEWARE } from '../../operator/src/resources/foreign-kinds.ts';
import { childLabels } from '../../operator/src/resources/labels.ts';
import { eventually } from '../eventually.ts';

type Spec = Partial<S3ProxySpecInput>;
type Child = readonly [kind: ResourceKind, name: string];

const host = 'photos.example.com';
const open: Spec = { auth: { basic: { enabled: false } }, ingress: { host, tls: { disabled: true } } };
const byTraefik: Spec = {
  auth: { basic: { enforcement: 'Ingress', driver: 'Traefik' } },
  ingress: { host, tls: { certManager: { issuerRef: { name: 'issuer' } } } },
};
const scaledAndShielded: Spec = {
  autoscaling: { minReplicas: 2, maxReplicas: 4 },
  networkPolicy: { enabled: true },
  gateway: { parentRefs: [{ name: 'gateway' }], hostnames: [host] },
};

/** What is there before anything else under the names of the children of S3Proxies: `taken`, whose spec needs them. */
const STRANGERS: readonly { taken: string; spec: Spec; strangers: readonly [ResourceKind, object][] }[] = [
  {
    taken: 'taken',
    spec: { ...open, ...scaledAndShielded },
    strangers: [
      [INGRESS, { defaultBackend: { service: { name: 'other', port: { number: 80 } } } }],
      [HTTP_ROUTE, {}],
      [
        HORIZONTAL_POD_AUTOSCALER,
        { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' }, maxReplicas: 1 },
      ],
      [POD_DISRUPTION_BUDGET, { selector: { matchLabels: { app: 'other' } } }],
      [NETWORK_POLICY, { podSelector: { matchLabels: { app: 'other' } } }],
    ],
  },
  { taken: 'taken-service', spec: open, strangers: [[SERVICE, { ports: [{ port: 80 }] }]] },
  { taken: 'taken-account', spec: open, strangers: [[SERVICE_ACCOUNT, {}]] },
  {
    taken: 'taken-deployment',
    spec: open,
    strangers: [
      [
        DEPLOYMENT,
        {
          selector: { matchLabels: { app: 'other' } },
          template: {
            metadata: { labels: { app: 'other' } },
            spec: { containers: [{ name: 'other', image: 'other' }] },
          },
        },
      ],
    ],
  },
  {
    taken: 'taken-by-traefik',
    spec: byTraefik,
    strangers: [
      [MIDDLEWARE, {}],
      [CERTIFICATE, {}],
    ],
  },
];

const TIMEOUT_MS = 30_000;

/**
 * Has the operator do in a namespace whatever it ever does: children of every kind are made, found taken by somebody else, changed,
 * and removed where the spec lets go of them. There are no controllers, so it says of the Deployments what theirs would.
 */
export async function wholeLife(client: KubeClient, namespace: string): Promise<void> {
  const childName = (kind: ResourceKind, s3proxy: string) =>
    kind === MIDDLEWARE ? middlewareName(namespace, s3proxy) : s3proxy;
  const stranger = ([kind, spec]: readonly [ResourceKind, object], s3proxy: string) =>
    client.create(kind, {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: { name: childName(kind, s3proxy), namespace },
      ...(kind !== SERVICE_ACCOUNT && { spec }),
    } as KubeObject);
  const apply = (name: string, spec: Spec) =>
    client.apply(
      S3PROXY,
      {
        apiVersion: API_VERSION,
        kind: KIND,
        metadata: { name, namespace },
        spec: { bucket: { name: 'my-bucket' }, ingress: { host }, ...spec },
      } as KubeObject,
      { fieldManager: 'user' },
    );
  const find = ([kind, name]: Child) => client.find(kind, { namespace, name }, { metadataOnly: true });
  const waitFor = (what: string, probe: () => Promise<boolean>) =>
    eventually(`${what} in ${namespace}`, TIMEOUT_MS, probe);
  const waitForAll = (children: readonly Child[], there: boolean) =>
    Promise.all(
      children.map((child) =>
        waitFor(`${child[0].kind} ${child[1]} to ${there ? 'be there' : 'go'}`, async () => {
          if (!there) await rollOut(client, namespace);
          return ((await find(child)) !== undefined) === there;
        }),
      ),
    );

  for (const { taken, spec, strangers } of STRANGERS) {
    await Promise.all(strangers.map((each) => stranger(each, taken)));
    await apply(taken, spec);
  }
  await client.create(SECRET, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'users', namespace },
    type: 'kubernetes.io/basic-auth',
    stringData: { username: 'ann', password: 'not-a-secret' },
  } as KubeObject);
  await apply('photos', scaledAndShielded);
  await apply('behind-traefik', byTraefik);
  await apply('given', { auth: { basic: { secretRef: { name: 'users' } } } });
  const kept: Child[] = [
    [DEPLOYMENT, 'photos'],
    [SERVICE, 'photos'],
    [SECRET, 'given-htpasswd'],
  ];
  const dropped: Child[] = [
    [INGRESS, 'photos'],
    [SERVICE_ACCOUNT, 'photos'],
    [HORIZONTAL_POD_AUTOSCALER, 'photos'],
    [POD_DISRUPTION_BUDGET, 'photos'],
    [NETWORK_POLICY, 'photos'],
    [HTTP_ROUTE, 'photos'],
    [SECRET, 'photos-tls'],
    [MIDDLEWARE, childName(MIDDLEWARE, 'behind-traefik')],
    [CERTIFICATE, 'behind-traefik'],
    [SECRET, 'behind-traefik-basic-auth'],
  ];
  await waitForAll([...kept, ...dropped], true);
  for (const { taken, strangers } of STRANGERS) {
    await waitFor(`the names of ${taken} to be found taken`, async () => {
      const { status } = await client.get<S3Proxy>(S3PROXY, { namespace, name: taken });
      const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
      return strangers.every(([kind]) => stalled?.message.includes(`${kind.kind} ${childName(kind, taken)}`));
    });
  }

  // The same event again, which is counted in the one that there is.
  for (let time = 0; time < 2; time++) {
    const before = await find([SERVICE, 'photos']);
    await client.delete(SERVICE, { namespace, name: 'photos' });
    await waitFor('the Service to be made again', async () => {
      const now = await find([SERVICE, 'photos']);
      return now !== undefined && now.metadata.uid !== before?.metadata.uid;
    });
  }
  await waitFor('the event of it', async () => {
    const { items } = await client.list<KubeObject & { note?: string }>(EVENT, { namespace });
    return items.some(({ note }) => note === 'Created Service photos.');
  });

  await evict(client, { name: 'photos-pod', namespace }, 'photos');
  await waitFor('the pod that its node evicts to be deleted', async () => {
    return (await find([POD, 'photos-pod'])) === undefined;
  });

  await apply('photos', { ingress: { enabled: false }, credentials: { serviceAccountName: 'reader' } });
  await apply('behind-traefik', open);
  await waitForAll(dropped, false);
}

/** Makes a pod of an S3Proxy's, and says of it what a kubelet does when it begins to evict it. */
async function evict(client: KubeClient, pod: { name: string; namespace: string }, instance: string) {
  const { metadata } = await client.create(POD, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...pod, labels: childLabels(instance, 'proxy') },
    spec: { containers: [{ name: 'proxy', image: 'example.invalid/proxy:1' }], serviceAccountName: instance },
  } as KubeObject);
  await client.patchStatus(POD, pod, { status: { phase: 'Running' } });
  await client.create(EVENT, {
    apiVersion: apiVersionOf(EVENT),
    kind: EVENT.kind,
    metadata: { name: `${pod.name}.evicted`, namespace: pod.namespace },
    eventTime: microTime(Date.now()),
    ...{ type: 'Warning', reason: 'Evicted', action: 'Evict', note: 'The node was low on resource: pids.' },
    ...{ reportingController: 'kubelet', reportingInstance: 'node' },
    regarding: { apiVersion: 'v1', kind: 'Pod', uid: metadata.uid, ...pod },
  } as KubeObject);
}

/** Says of every Deployment that all its pods run the newest template. */
async function rollOut(client: KubeClient, namespace: string): Promise<void> {
  const { items } = await client.list<LiveDeployment>(DEPLOYMENT, { namespace });
  for (const deployment of items) {
    if (isRolledOut(deployment)) continue;
    try {
      await client.patchStatus(DEPLOYMENT, refTo(deployment), { status: rolledOutStatus(deployment) });
    } catch (error) {
      if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
    }
  }
}
