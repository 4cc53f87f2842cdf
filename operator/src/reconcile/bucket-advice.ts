import type { BucketReport } from '@s3proxy/proxy/report';
import { BUCKET_REASONS, type BucketReason } from '../api/conditions.ts';
import { REASON_PATTERN } from '../api/status.ts';

const KEYS =
  'Correct the keys in the Secret of spec.credentials.secretRef, or the role of the service account.';
const PLACE = 'Correct spec.bucket.name, spec.bucket.region or spec.bucket.endpoint.';
const ACCOUNT = "Settle it with the store's provider.";
const NETWORK =
  'See what stands between the pods and the store: a NetworkPolicy, DNS, a firewall, a certificate.';
const LOG = "It is tried again; the pods' log says more.";

/** What to do next, in the spec's words, which the proxies do not know. Empty where there is nothing to do. */
const ADVICE: Readonly<Record<BucketReason, string>> = {
  Reachable: '',
  NotReported: '',
  NotProbedYet: '',
  AccessDenied: 'Grant s3:GetObject on what is to be published, and s3:ListBucket.',
  NoSuchBucket: `Create it, or correct it: spec.bucket.name, spec.bucket.region, spec.bucket.endpoint.`,
  InvalidBucketName: PLACE,
  PermanentRedirect: PLACE,
  TemporaryRedirect: PLACE,
  IllegalLocationConstraintException: PLACE,
  NoCredentials: 'See spec.credentials for the ways to give them.',
  InvalidAccessKeyId: KEYS,
  SignatureDoesNotMatch: KEYS,
  ExpiredToken: KEYS,
  InvalidToken: KEYS,
  TokenRefreshRequired: KEYS,
  RequestTimeTooSkewed: 'Set the clock of the nodes.',
  AuthorizationHeaderMalformed: "Set spec.bucket.region to the bucket's own region.",
  InvalidSecurity: KEYS,
  NotSignedUp: ACCOUNT,
  AccountProblem: ACCOUNT,
  AllAccessDisabled: ACCOUNT,
  Timeout: NETWORK,
  ConnectionFailed: NETWORK,
  StoreError: LOG,
  Failed: LOG,
};

/** Longer words than any store's code. */
const LONGEST_REASON = 128;

/**
 * A proxy's report as it may stand in a condition: with what to do next, and with a reason that the API server takes, which a store's own
 * code need not be.
 */
export function advised({ reachable, reason, message }: BucketReport): BucketReport {
  const fits = reason.length <= LONGEST_REASON && REASON_PATTERN.test(reason);
  const advice = isKnown(reason) ? ADVICE[reason] : LOG;
  return {
    reachable,
    reason: fits ? reason : BUCKET_REASONS.storeError,
    message: reachable === 'True' || advice === '' ? message : `${message} ${advice}`.trim(),
  };
}

function isKnown(reason: string): reason is BucketReason {
  return Object.hasOwn(ADVICE, reason);
}
