import { STALLED_REASONS } from '../api/conditions.ts';
import { LONGEST_DELAY_MS } from '../kube/clock.ts';
import type { Findings } from './summarise.ts';

/** Proxies that do not reach their bucket, or have not said yet, are asked again this soon, so that it shows. Milliseconds. */
const TROUBLED_PROBE_MS = 3_000;
/** No event tells when a foreign object with a child's name goes, when a quota has room again, or when a kind is installed. */
const OBSTACLE_MS = 15_000;

interface Premises {
  /** When the certificate is to be looked at. */
  lookAt: Date | undefined;
  /** How often proxies are asked while all is well, in milliseconds; 0: never. */
  probeMs: number;
  /** Since when nobody knows of the bucket; undefined while somebody does. */
  unknownSince?: Date | undefined;
  now: Date;
}

/** How long until the S3Proxy is worth looking at although nothing changed, in milliseconds; undefined for never. */
export function nextLook(
  findings: Findings,
  { lookAt, probeMs, unknownSince, now }: Premises,
): number | undefined {
  const delays: number[] = [];
  const waitsForOthers: string[] = [
    STALLED_REASONS.nameConflict,
    STALLED_REASONS.childRefused,
    STALLED_REASONS.kindNotInstalled,
  ];
  if (findings.obstacles.some(({ reason }) => waitsForOthers.includes(reason))) delays.push(OBSTACLE_MS);
  if (findings.againMs !== undefined) delays.push(findings.againMs);
  if (lookAt !== undefined) delays.push(lookAt.getTime() - now.getTime());
  if (probeMs > 0 && findings.deployment !== undefined && findings.deployment.replicas > 0) {
    const troubled = findings.bucket?.reachable === 'False' || !findings.deployment.complete;
    // Who does not answer at first mostly does soon; who has not for long may never, such as behind a NetworkPolicy.
    const patience = unknownSince === undefined ? probeMs : now.getTime() - unknownSince.getTime();
    delays.push(Math.min(probeMs, troubled ? TROUBLED_PROBE_MS : Math.max(TROUBLED_PROBE_MS, patience)));
  }
  if (delays.length === 0) return undefined;
  return Math.min(LONGEST_DELAY_MS, Math.max(1_000, Math.min(...delays)));
}
