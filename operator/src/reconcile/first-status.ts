import { RECONCILING_REASONS } from '../api/conditions.ts';
import type { S3Proxy } from '../api/s3proxy.ts';
import { keyOf, type ObjectKey } from '../kube/objects.ts';
import type { ConditionState } from './conditions.ts';

/** A status that waits is written this long after (milliseconds) although nothing changed, or when there is a worker for it. */
export const FIRST_STATUS_MS = 1_000;

/**
 * Keeps the first status of a new S3Proxy back while others wait for a worker: it would only say that pods are being made, and the next run,
 * which the Deployment's progress sets off, mostly has the last word. So of a thousand S3Proxies made at once each is written once and not
 * twice. Meanwhile nothing wrong is said, for there is no status; whatever else is to be told, and all of an S3Proxy that has a status, is
 * told at once.
 */
export interface FirstStatus {
  /** Whether the status may wait for the next run, which must come: it waits once. */
  mayWait(s3proxy: S3Proxy, ready: ConditionState | undefined): boolean;
  forget(key: ObjectKey): void;
}

/** @param isBusy whether others wait for a worker */
export function createFirstStatus(isBusy: () => boolean): FirstStatus {
  const waited = new Set<ObjectKey>();
  return {
    mayWait(s3proxy, ready) {
      const key = keyOf(s3proxy);
      if (waited.delete(key)) return false;
      const isNew = s3proxy.status?.conditions === undefined;
      if (!isNew || ready?.reason !== RECONCILING_REASONS.progressing || !isBusy()) return false;
      waited.add(key);
      return true;
    },
    forget: (key) => void waited.delete(key),
  };
}
