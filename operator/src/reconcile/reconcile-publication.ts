import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { DEPLOYMENT, INGRESS } from '../kube/resource-kind.ts';
import { authEnforcement } from '../resources/auth-enforcement.ts';
import type { ProxyDefaults } from '../resources/deployment.ts';
import { asksForPassword, PASSWORD_SINCE_ANNOTATION } from '../resources/ingress-auth-annotations.ts';
import { deploymentState, type LiveDeployment, lookAtPods } from './deployment-state.ts';
import { handoverLeft, podsAskForPassword } from './password-handover.ts';
import {
  type RouteOutcome,
  reconcileDeployment,
  reconcileIngress,
  reconcileRoute,
} from './reconcile-workload.ts';
import type { Step } from './step.ts';

export interface Publication {
  /** The Deployment as it stands, if there is one of ours. */
  live: LiveDeployment | undefined;
  /** Whether Deployment, Ingress and HTTPRoute are as the spec says, and no pod of an older template is left. */
  settled: boolean;
  /** What Ingress and HTTPRoute wait for; a sentence. */
  pending?: string | undefined;
  /** Milliseconds until the pods may stop asking for the password; undefined when there is nothing to wait for. */
  handoverMs?: number | undefined;
}

/** What the publication names is there, and ours. */
export interface Ready {
  auth: boolean;
  tls: boolean;
  service: boolean;
}

/**
 * Deployment, Ingress and HTTPRoute, in the order that leaves no gap in which nobody asks for the password: who is to ask from
 * now on comes first, and who asked before stops when that one is in place.
 */
export async function reconcilePublication(
  s3proxy: ValidS3Proxy,
  proxy: ProxyDefaults,
  ready: Ready,
  step: Step,
): Promise<Publication> {
  const enforcement = authEnforcement(s3proxy);
  if (enforcement === 'ingress') {
    return forIngress(s3proxy, proxy, ready, step);
  }
  const live = await reconcileDeployment(s3proxy, proxy, ready.auth, step);
  const serving = ready.auth && isComplete(live);
  const before = step.applier.find(INGRESS, s3proxy.metadata.name);
  // A pod that stops is no longer counted by its Deployment, and yet gets requests until it has drained and every ingress controller knows:
  // an Ingress that no longer asks would lead to those that do not.
  const takesOver =
    enforcement === 'proxy' &&
    asksForPassword(before?.metadata.annotations) &&
    !(serving && step.pods().every(({ asks }) => asks));
  const published = await reconcileIngress(s3proxy, ready.service && ready.tls && !takesOver, step);
  const route: RouteOutcome =
    ready.service && !takesOver ? await reconcileRoute(s3proxy, step) : { asWanted: false };
  const pending = takesOver
    ? `Ingress and HTTPRoute follow when no pod is left that does not ask for the password. ${lookAtPods(s3proxy)}`
    : route.pending;
  return { live, settled: serving && published && route.asWanted, pending };
}

async function forIngress(
  s3proxy: ValidS3Proxy,
  proxy: ProxyDefaults,
  ready: Ready,
  step: Step,
): Promise<Publication> {
  const { name } = s3proxy.metadata;
  const { applier, now, handoverMs: given } = step;
  // None is wanted, and a former one would lead past the Ingress.
  await reconcileRoute(s3proxy, step);
  const since =
    applier.find(INGRESS, name)?.metadata.annotations?.[PASSWORD_SINCE_ANNOTATION] ?? now().toISOString();
  const asks = await reconcileIngress(s3proxy, ready.service && ready.auth && ready.tls, step, since);
  const before = applier.find<LiveDeployment>(DEPLOYMENT, name);
  const handoverMs = asks && podsAskForPassword(before, name) ? handoverLeft(since, now(), given) : 0;
  if (handoverMs > 0) return { live: before, settled: false, handoverMs };
  const live = await reconcileDeployment(s3proxy, proxy, ready.auth && asks, step);
  return { live, settled: ready.auth && asks && isComplete(live) };
}

function isComplete(live: LiveDeployment | undefined): boolean {
  return live !== undefined && deploymentState(live).complete;
}
