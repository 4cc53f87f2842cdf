import { STALLED_REASONS } from '../api/conditions.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { appliedFields } from '../kube/ownership.ts';
import {
  DEPLOYMENT,
  HORIZONTAL_POD_AUTOSCALER,
  INGRESS,
  NETWORK_POLICY,
  POD_DISRUPTION_BUDGET,
  type ResourceKind,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../kube/resource-kind.ts';
import { credentialsFault, staticCredentials } from '../resources/credentials.ts';
import { buildDeployment, type ProxyDefaults } from '../resources/deployment.ts';
import { HTTP_ROUTE } from '../resources/foreign-kinds.ts';
import { buildHorizontalPodAutoscaler } from '../resources/horizontal-pod-autoscaler.ts';
import { buildHttpRoute } from '../resources/http-route.ts';
import { buildIngress } from '../resources/ingress.ts';
import { buildNetworkPolicy } from '../resources/network-policy.ts';
import { buildPodDisruptionBudget } from '../resources/pod-disruption-budget.ts';
import type { Secret } from '../resources/secret.ts';
import { buildService } from '../resources/service.ts';
import { buildServiceAccount, serviceAccountName } from '../resources/service-account.ts';
import type { ChildApplier } from './child-applier.ts';
import type { LiveDeployment } from './deployment-state.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { type LiveRoute, routePending } from './route-state.ts';
import { missingSecret, reconcileForeign, type Step } from './step.ts';

/**
 * The proxy's pods with all they need. While something is missing that a new template needs, the Deployment is left as it
 * is: what runs keeps serving.
 * @returns the Deployment as it stands, if there is one of ours.
 */
export async function reconcileDeployment(
  s3proxy: ValidS3Proxy,
  proxy: ProxyDefaults,
  authReady: boolean,
  step: Step,
): Promise<LiveDeployment | undefined> {
  const { applier } = step;
  const accountReady = await reconcileServiceAccount(s3proxy, step);
  const credentials = await readCredentials(s3proxy, step);
  if (!authReady || !accountReady || !credentials.ready) {
    return applier.find(DEPLOYMENT, s3proxy.metadata.name);
  }
  const manifest = buildDeployment(s3proxy, { ...proxy, credentials: credentials.secret });
  await leaveReplicas(s3proxy, applier);
  return applier.apply<LiveDeployment>(DEPLOYMENT, manifest);
}

/**
 * Before the first manifest that leaves the number of pods to an autoscaler: without it the API server would put the number back to its
 * default, 1, until the autoscaler has looked (Kubernetes, "Server-Side Apply: transferring ownership").
 */
async function leaveReplicas({ metadata, spec }: ValidS3Proxy, applier: ChildApplier): Promise<void> {
  const { autoscaling } = spec;
  const live = applier.find<LiveDeployment>(DEPLOYMENT, metadata.name);
  if (autoscaling === undefined || live === undefined) return;
  const owned = appliedFields(live, FIELD_MANAGER, live.apiVersion)?.['f:spec']?.['f:replicas'];
  if (owned === undefined) return;
  const { minReplicas, maxReplicas } = autoscaling;
  const replicas = Math.min(maxReplicas, Math.max(minReplicas, live.spec?.replicas ?? 1));
  await applier.leave(DEPLOYMENT, live, { spec: { replicas } });
}

/** Whether pods may run as the account: never as one of this name that somebody else made. */
async function reconcileServiceAccount(s3proxy: ValidS3Proxy, { applier }: Step): Promise<boolean> {
  const manifest = buildServiceAccount(s3proxy);
  return manifest === undefined || (await applier.apply(SERVICE_ACCOUNT, manifest)) !== undefined;
}

/** Removes the account of before where the spec names another. Called when no pod is started as it any more. */
export async function removeUnusedServiceAccount(s3proxy: ValidS3Proxy, { applier }: Step): Promise<void> {
  const { name } = s3proxy.metadata;
  if (serviceAccountName(s3proxy) !== name) await applier.remove(SERVICE_ACCOUNT, name);
}

/** @returns whether the Service is ours: another's must not be published. */
export async function reconcileService(s3proxy: ValidS3Proxy, { applier }: Step): Promise<boolean> {
  return (await applier.apply(SERVICE, buildService(s3proxy))) !== undefined;
}

/** What scales, guards and shields the pods: each there when it is asked for. */
export async function reconcilePolicies(
  s3proxy: ValidS3Proxy,
  operatorNamespace: string,
  { applier }: Step,
): Promise<void> {
  const { name } = s3proxy.metadata;
  // It names the Deployment, and would scale one that is not ours.
  const scalable = applier.find(DEPLOYMENT, name) !== undefined;
  const policies: [ResourceKind, KubeObject | undefined][] = [
    [HORIZONTAL_POD_AUTOSCALER, scalable ? buildHorizontalPodAutoscaler(s3proxy) : undefined],
    [POD_DISRUPTION_BUDGET, buildPodDisruptionBudget(s3proxy)],
    [NETWORK_POLICY, buildNetworkPolicy(s3proxy, { operatorNamespace })],
  ];
  for (const [kind, manifest] of policies) {
    if (manifest === undefined) await applier.remove(kind, name);
    else await applier.apply(kind, manifest);
  }
}

/** The HTTPRoute, where the spec names a Gateway. */
export async function reconcileRoute(s3proxy: ValidS3Proxy, step: Step): Promise<RouteOutcome> {
  const { name } = s3proxy.metadata;
  const manifest = buildHttpRoute(s3proxy);
  const asWanted = await reconcileForeign(HTTP_ROUTE, name, manifest, step);
  const live = asWanted ? step.applier.find<LiveRoute>(HTTP_ROUTE, name) : undefined;
  if (manifest === undefined || live === undefined) return { asWanted };
  return { asWanted, pending: routePending(live, manifest.spec.parentRefs) };
}

export interface RouteOutcome {
  /** Whether it is as the spec says. */
  asWanted: boolean;
  /** What its Gateways have yet to do; a sentence. */
  pending?: string | undefined;
}

/**
 * The Ingress, unless something that it names is not there yet: then the last good one keeps serving.
 * @returns whether it is as the spec says.
 */
export async function reconcileIngress(
  s3proxy: ValidS3Proxy,
  ready: boolean,
  { applier }: Step,
  passwordSince?: string,
): Promise<boolean> {
  const manifest = buildIngress(s3proxy, passwordSince);
  if (manifest === undefined) {
    await applier.remove(INGRESS, s3proxy.metadata.name);
    return true;
  }
  return ready && (await applier.apply(INGRESS, manifest)) !== undefined;
}

async function readCredentials(
  s3proxy: ValidS3Proxy,
  { applier, readReferenced }: Step,
): Promise<{ ready: boolean; secret?: Secret }> {
  const credentials = staticCredentials(s3proxy);
  if (credentials === undefined) return { ready: true };
  const secret = await readReferenced(credentials.secretName);
  if (secret === undefined) {
    applier.obstacles.push(missingSecret(credentials.secretName, 'spec.credentials.secretRef.name'));
    return { ready: false };
  }
  const fault = credentialsFault(credentials, secret);
  if (fault === undefined) return { ready: true, secret };
  applier.obstacles.push({ reason: STALLED_REASONS.secretInvalid, message: `${fault}.` });
  return { ready: false };
}
