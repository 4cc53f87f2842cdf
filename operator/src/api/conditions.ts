/**
 * Conditions of an S3Proxy and the reasons they give. Types and reasons are API: tools wait for them, alerts match them.
 * Ready, Reconciling and Stalled follow kstatus ("kstatus: abnormal-true conditions").
 */
export const CONDITION_TYPES = {
  /** Positive polarity. True: everything that the spec asks for exists and at least the wanted pods are ready. */
  ready: 'Ready',
  /** Negative polarity, present only while True: the operator or the cluster is still on the way to the spec. */
  reconciling: 'Reconciling',
  /** Negative polarity, present only while True: no progress until somebody changes something. */
  stalled: 'Stalled',
  /** Positive polarity. What the proxies last saw of the bucket. Unknown while none has reported. */
  bucketReachable: 'BucketReachable',
} as const;

export type ConditionType = (typeof CONDITION_TYPES)[keyof typeof CONDITION_TYPES];

/** Reasons of Ready=True. */
export const READY_REASONS = {
  /** All children are as wanted and all pods are ready. */
  available: 'Available',
} as const;

/** Reasons of Ready=False together with Reconciling=True: wait, it heals by itself. */
export const RECONCILING_REASONS = {
  /** Children were written and pods are not all ready yet. */
  progressing: 'Progressing',
  /** A write to the API server failed for a passing cause and is being tried again. */
  retrying: 'Retrying',
  /** The bucket is out of reach; proxies keep trying. See BucketReachable. */
  bucketUnreachable: 'BucketUnreachable',
} as const;

/** Reasons of Ready=False together with Stalled=True: somebody must act. */
export const STALLED_REASONS = {
  /** The spec breaks a rule; the message names the field. The last good children keep serving. */
  invalidSpec: 'InvalidSpec',
  /** A Secret that the spec names does not exist. */
  secretNotFound: 'SecretNotFound',
  /** A Secret that the spec names lacks a key, or a key holds what cannot be used. */
  secretInvalid: 'SecretInvalid',
  /** An object with a child's name exists and is not ours. It is left untouched. */
  nameConflict: 'NameConflict',
  /** The API server, or an admission webhook, refuses a child for its content. */
  childRefused: 'ChildRefused',
  /** The spec asks for an object of another project (Gateway API, cert-manager, Traefik) that the cluster does not know. */
  kindNotInstalled: 'KindNotInstalled',
  /** The Deployment made no progress within its deadline, such as for an image that cannot be pulled. */
  deploymentFailed: 'DeploymentFailed',
} as const;

/** Reasons of BucketReachable. Proxies may report further ones. */
export const BUCKET_REASONS = {
  /** True. */
  reachable: 'Reachable',
  /** False: the store says that there is no such bucket. */
  noSuchBucket: 'NoSuchBucket',
  /** False: the credentials may not read the bucket. */
  accessDenied: 'AccessDenied',
  /** False: the store does not accept the credentials. */
  invalidCredentials: 'InvalidCredentials',
  /** False: the store cannot be reached. */
  unreachable: 'Unreachable',
  /** Unknown: no pod has reported yet. */
  notReported: 'NotReported',
} as const;

type ValueOf<T> = T[keyof T];
export type StalledReason = ValueOf<typeof STALLED_REASONS>;
export type ReconcilingReason = ValueOf<typeof RECONCILING_REASONS>;
