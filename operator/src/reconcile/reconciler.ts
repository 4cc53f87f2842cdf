import type { BucketReport } from '@s3proxy/proxy/report';
import { CONDITION_TYPES, RECONCILING_REASONS, STALLED_REASONS } from '../api/conditions.ts';
import { describeFaults, parseS3Proxy } from '../api/parse.ts';
import type { S3Proxy, ValidS3Proxy } from '../api/s3proxy.ts';
import type { S3ProxyStatus } from '../api/status.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Reconcile, ReconcileResult } from '../kube/controller.ts';
import { isApiError } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import { keyOf, type ObjectKey } from '../kube/objects.ts';
import { SECRET } from '../kube/resource-kind.ts';
import { authSecretName } from '../resources/basic-auth-secret.ts';
import type { ProxyDefaults } from '../resources/deployment.ts';
import { publishedUrl } from '../resources/ingress.ts';
import { selectorText } from '../resources/labels.ts';
import { announceChanges, announceReadiness } from './announce.ts';
import { askProxies } from './ask-proxies.ts';
import type { BucketProbe } from './bucket-probe.ts';
import { BY_INSTANCE, type Caches, childCache, referrersOf } from './caches.ts';
import { createChildApplier } from './child-applier.ts';
import { createConclusions } from './conclusions.ts';
import { type ConditionState, dateConditions } from './conditions.ts';
import { createFirstStatus, FIRST_STATUS_MS } from './first-status.ts';
import { createKindCheck } from './kind-check.ts';
import { nextLook } from './next-look.ts';
import { reconcileAuth, removeUnusedAuth } from './reconcile-auth.ts';
import { reconcilePublication } from './reconcile-publication.ts';
import { reconcileTls, removeUnusedTls } from './reconcile-tls.ts';
import { reconcilePolicies, reconcileService, removeUnusedServiceAccount } from './reconcile-workload.ts';
import { createRollouts } from './rollouts.ts';
import { createSecretReader } from './secret-reader.ts';
import { sentence } from './sentence.ts';
import { standingStatus, suspended } from './standing-status.ts';
import type { Step } from './step.ts';
import { type Findings, reconciling, stalled, summarise } from './summarise.ts';
import { type TlsOutcome, tlsLastsUntil } from './tls-outcome.ts';
import { writeStatus } from './write-status.ts';

export interface ReconcilerOptions {
  client: KubeClient;
  caches: Caches;
  recorder: EventRecorder;
  /** Whether S3Proxies wait for a worker. */
  isBusy: () => boolean;
  /** Has another S3Proxy looked at. */
  enqueue: (key: ObjectKey) => void;
  /** Undefined: proxies are never asked, and BucketReachable stays Unknown. */
  probe: BucketProbe | undefined;
  /** How often proxies are asked while all is well, in milliseconds. */
  probeMs: number;
  /** How long an ingress controller is given to follow its Ingress before the proxies stop asking for the password, in milliseconds. */
  handoverMs: number;
  proxy: ProxyDefaults;
  operatorNamespace: string;
  now: () => Date;
}

const HANDOVER =
  'The pods go on asking for the password until the ingress controller has had time to ask for it.';
/** Failures in a row, about ten seconds of them, after which the status says so: single ones pass, and would only make it flicker. */
const WORTH_TELLING = 8;

/** Makes true what an S3Proxy asks for, and has its status say what is. */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { client, caches, recorder, now } = options;
  const children = childCache(caches);
  const serves = createKindCheck(client, now);
  const ownSecrets = caches.children.get(SECRET.plural)?.store;
  const secrets = createSecretReader(
    client,
    [ownSecrets, caches.foreignSecrets.store].filter((store) => store !== undefined),
  );
  const { versionOf } = secrets;
  const authConclusions = createConclusions<boolean>({
    versionOf,
    lastsUntil: (ready) => (ready ? Number.POSITIVE_INFINITY : 0),
    now,
  });
  const tlsConclusions = createConclusions({ versionOf, lastsUntil: tlsLastsUntil, now });
  const rollouts = createRollouts(now);
  const firstStatus = createFirstStatus(options.isBusy);

  /** Failures in a row, of S3Proxies that failed last time. */
  const failures = new Map<ObjectKey, number>();

  return async (key, signal) => {
    const s3proxy = caches.s3proxies.store.get(key);
    if (s3proxy === undefined || s3proxy.metadata.deletionTimestamp !== undefined) {
      failures.delete(key);
      for (const memory of [authConclusions, tlsConclusions, rollouts, firstStatus]) memory.forget(key);
      return;
    }
    const parsed = parseS3Proxy(s3proxy);
    if (!parsed.ok) {
      const message = `${describeFaults(parsed.faults)}. Correct the spec.`;
      return leave(s3proxy, stalled(STALLED_REASONS.invalidSpec, message), signal);
    }
    if (parsed.s3proxy.spec.suspend) return leave(s3proxy, suspended(s3proxy), signal);
    try {
      const result = await makeTrue(s3proxy, parsed.s3proxy, signal);
      failures.delete(key);
      return result;
    } catch (error) {
      const failed = (failures.get(key) ?? 0) + 1;
      failures.set(key, failed);
      if (failed >= WORTH_TELLING && !signal.aborted) {
        const what = isApiError(error)
          ? sentence(error.message)
          : 'The operator itself fails; its log says at what.';
        const message = `${what} It is tried again, at last every five minutes. If it stays so, see to what is named there.`;
        // What failed is the news, not that it cannot be told.
        await leave(s3proxy, reconciling(RECONCILING_REASONS.retrying, message), signal).catch(
          () => undefined,
        );
      }
      throw error;
    }
  };

  async function makeTrue(
    s3proxy: S3Proxy,
    valid: ValidS3Proxy,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    const { namespace } = valid.metadata;
    const applier = createChildApplier({ client, cache: children, secrets, owner: valid, signal });
    const step: Step = {
      applier,
      now,
      handoverMs: options.handoverMs,
      serves,
      pods: () => caches.pods.store.index(BY_INSTANCE, keyOf(s3proxy)),
      authConclusions,
      tlsConclusions,
      readReferenced: (name) => secrets.read({ name, namespace }, signal),
    };
    try {
      const authReady = await reconcileAuth(valid, step);
      const tls = await reconcileTls(valid, step);
      const serviceReady = await reconcileService(valid, step);
      const { live, settled, pending, handoverMs } = await reconcilePublication(
        valid,
        options.proxy,
        { auth: authReady, tls: tls.ready, service: serviceReady },
        step,
      );
      const rollout = live === undefined ? undefined : rollouts.stateOf(keyOf(s3proxy), live);
      await reconcilePolicies(valid, options.operatorNamespace, step);
      // Not before nothing names it any more.
      if (settled) {
        await removeUnusedAuth(valid, step);
        await removeUnusedTls(valid, step);
        await removeUnusedServiceAccount(valid, step);
      }
      const findings: Findings = {
        obstacles: applier.obstacles,
        deployment: rollout?.state,
        pending: tls.pending ?? pending ?? (handoverMs === undefined ? undefined : HANDOVER),
        againMs: handoverMs ?? rollout?.againMs,
        bucket: await bucketReport(s3proxy, signal),
      };
      return await report(s3proxy, valid, findings, tls, signal);
    } finally {
      announceChanges(recorder, s3proxy, applier.changes);
      for (const name of applier.writtenSecrets.keys()) tellReferrers(s3proxy, keyOf({ name, namespace }));
    }
  }

  /** Another S3Proxy may name a Secret of this one, and the caches do not tell of our own writes. */
  function tellReferrers(s3proxy: S3Proxy, secret: ObjectKey): void {
    for (const key of referrersOf(caches, secret)) if (key !== keyOf(s3proxy)) options.enqueue(key);
  }

  /** Says what `states` say, and leaves the rest of the status as it stands. */
  async function leave(
    s3proxy: S3Proxy,
    states: readonly ConditionState[],
    signal: AbortSignal,
  ): Promise<void> {
    await tell(s3proxy, standingStatus(s3proxy, states, now()), states, signal);
  }

  async function bucketReport(s3proxy: S3Proxy, signal: AbortSignal): Promise<BucketReport | undefined> {
    if (options.probe === undefined) return undefined;
    const fresh = await askProxies(options.probe, caches.pods, keyOf(s3proxy), signal);
    if (fresh !== undefined) return fresh;
    // Silence is no news: pods that come and go are told by the Deployment.
    const last = conditionOf(s3proxy.status, CONDITION_TYPES.bucketReachable);
    if (last === undefined || last.observedGeneration !== s3proxy.metadata.generation) return undefined;
    return { reachable: last.status, reason: last.reason, message: last.message };
  }

  async function report(
    s3proxy: S3Proxy,
    valid: ValidS3Proxy,
    findings: Findings,
    tls: TlsOutcome,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    const { generation, name } = s3proxy.metadata;
    const states = summarise(findings);
    if (firstStatus.mayWait(s3proxy, states[0])) return { requeueAfterMs: FIRST_STATUS_MS };
    const status: S3ProxyStatus = {
      url: publishedUrl(valid),
      selector: selectorText(name),
      replicas: findings.deployment?.replicas ?? 0,
      readyReplicas: findings.deployment?.ready ?? 0,
      authSecretName: authSecretName(valid),
      tlsSecretName: tls.secretName,
      tlsNotAfter: tls.notAfter && `${tls.notAfter.toISOString().slice(0, 19)}Z`,
      observedGeneration: generation,
      conditions: dateConditions(states, s3proxy.status?.conditions ?? [], generation, now()),
    };
    await tell(s3proxy, status, states, signal);
    const { probe, probeMs } = options;
    return {
      requeueAfterMs: nextLook(findings, {
        lookAt: tls.lookAt,
        probeMs: probe === undefined ? 0 : probeMs,
        unknownSince: unknownSince(status),
        now: now(),
      }),
    };
  }

  async function tell(
    s3proxy: S3Proxy,
    status: S3ProxyStatus,
    [ready]: readonly ConditionState[],
    signal: AbortSignal,
  ): Promise<void> {
    const written = await writeStatus(client, s3proxy, status, signal);
    if (written !== undefined) caches.s3proxies.wrote(written);
    if (ready !== undefined) {
      announceReadiness(recorder, s3proxy, conditionOf(s3proxy.status, CONDITION_TYPES.ready), ready);
    }
  }
}

function unknownSince(status: S3ProxyStatus): Date | undefined {
  const bucket = conditionOf(status, CONDITION_TYPES.bucketReachable);
  return bucket?.status === 'Unknown' ? new Date(bucket.lastTransitionTime) : undefined;
}

function conditionOf(status: S3ProxyStatus | undefined, type: string) {
  return status?.conditions?.find((condition) => condition.type === type);
}
