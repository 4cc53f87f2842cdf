import { STALLED_REASONS } from '../api/conditions.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type ResourceKind, SECRET } from '../kube/resource-kind.ts';
import type { Secret } from '../resources/secret.ts';
import type { ProxyPod } from './caches.ts';
import type { ChildApplier } from './child-applier.ts';
import type { Conclusions } from './conclusions.ts';
import { isReferenced } from './references.ts';
import type { Obstacle } from './summarise.ts';
import type { TlsOutcome } from './tls-outcome.ts';

/** What a step of a run works with. */
export interface Step {
  applier: ChildApplier;
  /** A Secret that the spec names. */
  readReferenced: (name: string) => Promise<Secret | undefined>;
  /** Whether the Secrets of basic authentication are as they should be. */
  authConclusions: Conclusions<boolean>;
  tlsConclusions: Conclusions<TlsOutcome>;
  /** Whether the cluster knows a kind of another project. */
  serves: (kind: ResourceKind) => Promise<boolean>;
  /** The S3Proxy's pods, those that stop included. */
  pods: () => readonly ProxyPod[];
  now: () => Date;
  /** How long an ingress controller is given to follow its Ingress, in milliseconds. */
  handoverMs: number;
}

/**
 * Applies a child of another project's kind, or removes it. A kind that is wanted and not installed is an obstacle.
 * @returns whether the child is as wanted.
 */
export async function reconcileForeign(
  kind: ResourceKind,
  name: string,
  manifest: KubeObject | undefined,
  { applier, serves }: Step,
): Promise<boolean> {
  if (manifest === undefined) {
    await applier.remove(kind, name);
    return true;
  }
  if (await serves(kind)) return (await applier.apply(kind, manifest)) !== undefined;
  applier.obstacles.push({
    reason: STALLED_REASONS.kindNotInstalled,
    message: `The spec needs a ${kind.kind} (${kind.group}), which the cluster does not know: install what brings it, or change the spec.`,
  });
  return false;
}

export function missingSecret(name: string, field: string): Obstacle {
  return {
    reason: STALLED_REASONS.secretNotFound,
    message: `Secret ${name}, which ${field} names, does not exist in this namespace: create it.`,
  };
}

/** Removes a Secret that the operator made and does not need any more, unless the spec names it. */
export async function removeUnusedSecret(
  s3proxy: ValidS3Proxy,
  secretName: string,
  { applier }: Step,
): Promise<void> {
  if (!isReferenced(s3proxy, secretName)) await applier.remove(SECRET, secretName);
}
