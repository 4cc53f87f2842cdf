import { parseS3Proxy } from '../../../operator/src/api/parse.ts';
import { API_VERSION, KIND, S3PROXY, type ValidS3Proxy } from '../../../operator/src/api/s3proxy.ts';
import type { S3ProxyStatus } from '../../../operator/src/api/status.ts';
import { withHash } from '../../../operator/src/kube/apply.ts';
import { microTime } from '../../../operator/src/kube/micro-time.ts';
import type { KubeObject } from '../../../operator/src/kube/objects.ts';
import {
  collectionPath,
  DEPLOYMENT,
  EVENT,
  INGRESS,
  objectPath,
  type ResourceKind,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../../operator/src/kube/resource-kind.ts';
import { dateConditions } from '../../../operator/src/reconcile/conditions.ts';
import { FIELD_MANAGER } from '../../../operator/src/reconcile/field-manager.ts';
import { summarise } from '../../../operator/src/reconcile/summarise.ts';
import { parseBasicAuth } from '../../../operator/src/resources/basic-auth.ts';
import { authSecretName, buildBasicAuthSecret } from '../../../operator/src/resources/basic-auth-secret.ts';
import { buildCaSecret } from '../../../operator/src/resources/ca-secret.ts';
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from '../../../operator/src/resources/certificates.ts';
import { tlsSecretName } from '../../../operator/src/resources/child-names.ts';
import { buildDeployment } from '../../../operator/src/resources/deployment.ts';
import { buildHtpasswdSecret, htpasswdFor } from '../../../operator/src/resources/htpasswd-secret.ts';
import { buildIngress, publishedUrl } from '../../../operator/src/resources/ingress.ts';
import { selectorText } from '../../../operator/src/resources/labels.ts';
import { generatePassword } from '../../../operator/src/resources/password.ts';
import { buildService } from '../../../operator/src/resources/service.ts';
import { buildServiceAccount } from '../../../operator/src/resources/service-account.ts';
import { buildTlsSecret } from '../../../operator/src/resources/tls-secret.ts';
import type { News } from '../contender.ts';
import { PROXY_IMAGE, s3proxyManifest } from '../s3proxies.ts';

/** One request. */
export interface Write {
  method: 'PATCH' | 'POST';
  contentType: string;
  path: string;
  body: string;
}

/** Makes the requests for one S3Proxy. */
export type Prepared = (news: News) => Write[];

const NAMESPACE = 'placeholder-namespace';
const NAME = 'photos-99999999';
const UID = '00000000-0000-4000-8000-000000000000';

/** Everything that a new S3Proxy needs where many are made at once: each child once, its status, and an event for each of both. */
export async function creationWrites(): Promise<Prepared> {
  const example = exampleS3Proxy();
  const { children, status } = await outcome(example);
  return prepared([
    ...children.map(([kind, manifest]) => applied(kind, manifest, { force: false })),
    patchedStatus(status),
    told(
      'Created',
      `Created ${children.map(([{ kind }, { metadata }]) => `${kind} ${metadata.name}`).join(', ')}.`,
    ),
    told('Available', 'The bucket is published.'),
  ]);
}

/** What puts an edited Deployment right, and the event of it. */
export async function restoringWrites(): Promise<Prepared> {
  const { children } = await outcome(exampleS3Proxy());
  return prepared([
    ...children
      .filter(([kind]) => kind === DEPLOYMENT)
      .map(([kind, manifest]) => applied(kind, manifest, { force: true })),
    told('Updated', `Updated Deployment ${NAME}.`),
  ]);
}

function exampleS3Proxy(): ValidS3Proxy {
  const manifest = s3proxyManifest(NAMESPACE, Number(NAME.split('-')[1]));
  const parsed = parseS3Proxy({ ...manifest, metadata: { ...manifest.metadata, uid: UID, generation: 1 } });
  if (!parsed.ok) throw new Error(`the example is not valid: ${JSON.stringify(parsed.faults)}`);
  return parsed.s3proxy;
}

type Child = [kind: ResourceKind, manifest: KubeObject];

async function outcome(s3proxy: ValidS3Proxy): Promise<{ children: Child[]; status: S3ProxyStatus }> {
  const now = new Date();
  const auth = buildBasicAuthSecret(s3proxy, { existing: undefined, generatePassword });
  const parsed = auth && parseBasicAuth(auth);
  if (auth === undefined || parsed?.ok !== true) throw new Error('the example has no password');
  const htpasswd = await htpasswdFor(auth, parsed.credentials, undefined);
  const authority = ensureCertificateAuthority(undefined, `${NAMESPACE}/${NAME}`, now);
  const host = s3proxy.spec.ingress.host ?? '';
  const server = ensureServerCertificate(undefined, authority, host, now);
  const children: [ResourceKind, KubeObject | undefined][] = [
    [SECRET, auth],
    [SECRET, buildHtpasswdSecret(s3proxy, auth, htpasswd)],
    [SECRET, buildCaSecret(s3proxy, authority)],
    [SECRET, buildTlsSecret(s3proxy, server, authority)],
    [SERVICE, buildService(s3proxy)],
    [SERVICE_ACCOUNT, buildServiceAccount(s3proxy)],
    [DEPLOYMENT, buildDeployment(s3proxy, { image: PROXY_IMAGE })],
    [INGRESS, buildIngress(s3proxy)],
  ];
  return {
    children: children.filter((child): child is Child => child[1] !== undefined),
    status: readyStatus(s3proxy, now),
  };
}

function readyStatus(s3proxy: ValidS3Proxy, now: Date): S3ProxyStatus {
  const states = summarise({
    obstacles: [],
    bucket: undefined,
    deployment: {
      seen: true,
      wanted: 1,
      replicas: 1,
      ready: 1,
      complete: true,
      failed: false,
      serving: true,
      message: '',
    },
  });
  return {
    url: publishedUrl(s3proxy),
    selector: selectorText(NAME),
    replicas: 1,
    readyReplicas: 1,
    authSecretName: authSecretName(s3proxy),
    tlsSecretName: tlsSecretName(NAME),
    tlsNotAfter: `${now.toISOString().slice(0, 19)}Z`,
    observedGeneration: 1,
    conditions: dateConditions(states, [], 1, now),
  };
}

function patchedStatus(status: S3ProxyStatus): Write {
  const path = objectPath(S3PROXY, { name: NAME, namespace: NAMESPACE }, 'status');
  return {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    path: `${path}?fieldManager=${FIELD_MANAGER}&fieldValidation=Strict`,
    body: JSON.stringify({ status }),
  };
}

/** An event about the S3Proxy, whose name is left to the server. */
function told(reason: string, note: string): Write {
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { generateName: `${NAME}-`, namespace: NAMESPACE },
    eventTime: microTime(Date.now()),
    reportingController: 's3proxy.dev/operator',
    reportingInstance: 'limit',
    type: 'Normal',
    reason,
    action: 'Reconcile',
    note,
    regarding: { apiVersion: API_VERSION, kind: KIND, name: NAME, namespace: NAMESPACE, uid: UID },
  };
  return {
    method: 'POST',
    contentType: 'application/json',
    path: collectionPath(EVENT, NAMESPACE),
    body: JSON.stringify(event),
  };
}

function applied(kind: ResourceKind, manifest: KubeObject, { force }: { force: boolean }): Write {
  const path = objectPath(kind, { name: manifest.metadata.name, namespace: NAMESPACE });
  return {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    path: `${path}?fieldManager=${FIELD_MANAGER}&fieldValidation=Ignore&force=${force}`,
    body: JSON.stringify(withHash(manifest, { fieldManager: FIELD_MANAGER })),
  };
}

/** The writes with another S3Proxy's name and uid in them. */
function prepared(writes: readonly Write[]): Prepared {
  return ({ namespace, name, uid }) => {
    const renamed = (text: string): string =>
      text.replaceAll(NAMESPACE, namespace).replaceAll(NAME, name).replaceAll(UID, uid);
    return writes.map((write) => ({ ...write, path: renamed(write.path), body: renamed(write.body) }));
  };
}
