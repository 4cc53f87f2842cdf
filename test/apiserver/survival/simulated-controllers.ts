import type { KubeClient } from '../../../operator/src/kube/client.ts';
import { isApiError } from '../../../operator/src/kube/errors.ts';
import { type KubeObject, type ObjectRef, refTo } from '../../../operator/src/kube/objects.ts';
import { DEPLOYMENT, SECRET } from '../../../operator/src/kube/resource-kind.ts';
import type { LiveDeployment } from '../../../operator/src/reconcile/deployment-state.ts';
import { isRolledOut, rolledOutStatus } from '../../../operator/src/reconcile/testing/rolled-out.ts';
import type { CertificateManifest } from '../../../operator/src/resources/certificate.ts';
import { CERTIFICATE, HTTP_ROUTE } from '../../../operator/src/resources/foreign-kinds.ts';
import type { HttpRouteManifest } from '../../../operator/src/resources/http-route.ts';
import { secretData } from '../../../operator/src/resources/secret.ts';
import { issueServerCertificate, type KeyPair } from '../../../operator/src/resources/x509.ts';
import type { Observer } from './observer.ts';

/** Pods take their time; here as long as the operator needs for some further writes. */
const ROLLOUT_MS = 25;

/** What stands in for the rest of the cluster: the Deployment controller with its nodes, cert-manager and a Gateway. */
export function simulateControllers(client: KubeClient, observer: Observer, authority: KeyPair): void {
  observer.subscribeKind(DEPLOYMENT, ({ change, object }) => {
    if (change !== 'DELETED') setTimeout(() => void rollOut(client, object as LiveDeployment), ROLLOUT_MS);
  });
  observer.subscribeKind(HTTP_ROUTE, ({ change, object }) => {
    if (change !== 'DELETED') void accept(client, object as HttpRouteManifest);
  });
  const issued = new Map<string, KeyPair>();
  observer.subscribeKind(CERTIFICATE, ({ change, object }) => {
    const { secretName, dnsNames } = (object as CertificateManifest).spec;
    const [host] = dnsNames;
    if (change === 'DELETED' || host === undefined) return;
    const pair = issued.get(host) ?? issueServerCertificate(authority, host, new Date());
    issued.set(host, pair);
    void issue(client, { name: secretName, namespace: object.metadata.namespace }, pair);
  });
}

/**
 * Says that every pod runs the newest template, as the Deployment controller does when it is so. Of this very version: the news of
 * an older one must not come in after that of a newer.
 */
async function rollOut(client: KubeClient, deployment: LiveDeployment): Promise<void> {
  if (isRolledOut(deployment)) return;
  const { resourceVersion } = deployment.metadata;
  await unlessGone(
    client.patchStatus(DEPLOYMENT, refTo(deployment), {
      metadata: { resourceVersion },
      status: rolledOutStatus(deployment),
    }),
  );
}

async function accept(client: KubeClient, route: HttpRouteManifest): Promise<void> {
  const { generation: observedGeneration } = route.metadata;
  const conditions = ['Accepted', 'ResolvedRefs'].map((type) => ({
    type,
    status: 'True',
    observedGeneration,
  }));
  const parents = route.spec.parentRefs.map((parentRef) => ({ parentRef, conditions }));
  await unlessGone(client.patchStatus(HTTP_ROUTE, refTo(route), { status: { parents } }));
}

async function issue(client: KubeClient, metadata: ObjectRef, issued: KeyPair): Promise<void> {
  const data = secretData({ 'tls.crt': issued.certificate, 'tls.key': issued.privateKey });
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data };
  await unlessGone(client.apply(SECRET, secret as KubeObject, { fieldManager: 'cert-manager', force: true }));
}

/** The object may be gone, or another one there already: neither concerns a controller. */
async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isApiError(error, 'NotFound', 'Conflict', 'AlreadyExists')) return;
    // The client is closed at the end of the tests.
    if (isApiError(error, 'Unreachable')) return;
    throw error;
  }
}
