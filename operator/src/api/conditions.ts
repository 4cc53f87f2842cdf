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
  /** `spec.replicas` is 0, and no pod is left: nothing is published, as wanted. */
  scaledToZero: 'ScaledToZero',
  /** `spec.suspend` is true, and was set while all was well: what was made then still serves. */
  suspended: 'Suspended',
} as const;

/** Reasons of Ready=False together with Reconciling=True: wait, it heals by itself. */
export const RECONCILING_REASONS = {
  /** Children were written and pods are not all ready yet. */
  progressing: 'Progressing',
  /** The API server, or a webhook that it asks, failed again and again; it is still tried. */
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
  /** `spec.suspend` is true, and was set before all was well: what is missing is not made. */
  suspended: 'Suspended',
} as const;

/**
 * Reasons of BucketReachable: what a proxy's probe of the bucket came to. A proxy of another version may report further ones.
 * See proxy/src/s3/probe.ts.
 */
export const BUCKET_REASONS = {
  /** True: the store answered as it does for a bucket that is there and may be read. */
  reachable: 'Reachable',
  /** Unknown: no pod has reported yet. */
  notReported: 'NotReported',
  /** Unknown: a pod runs and has not asked the store yet. */
  notProbedYet: 'NotProbedYet',
  /** Unknown: denied a key that does not exist. For lack of s3:ListBucket, which is harmless, or of any right to the bucket. */
  accessDenied: 'AccessDenied',
  /** False: the store says that there is no such bucket. */
  noSuchBucket: 'NoSuchBucket',
  /** False: the store refuses the bucket's name. */
  invalidBucketName: 'InvalidBucketName',
  /** False: the bucket is in another region or at another endpoint. */
  permanentRedirect: 'PermanentRedirect',
  /** False: the same, for a while after a bucket was made or moved. */
  temporaryRedirect: 'TemporaryRedirect',
  /** False: the endpoint's region and the bucket's do not go together. */
  illegalLocationConstraint: 'IllegalLocationConstraintException',
  /** False: nothing gave the pods credentials. */
  noCredentials: 'NoCredentials',
  /** False: the store does not know the access key id. */
  invalidAccessKeyId: 'InvalidAccessKeyId',
  /** False: the secret access key does not belong to the access key id. */
  signatureDoesNotMatch: 'SignatureDoesNotMatch',
  /** False: the session token's time is over. */
  expiredToken: 'ExpiredToken',
  /** False: the session token is not one of the store's. */
  invalidToken: 'InvalidToken',
  /** False: the session token must be fetched anew. */
  tokenRefreshRequired: 'TokenRefreshRequired',
  /** False: the node's clock and the store's are too far apart. */
  requestTimeTooSkewed: 'RequestTimeTooSkewed',
  /** False: signed for another region than the store's. */
  authorizationHeaderMalformed: 'AuthorizationHeaderMalformed',
  /** False: the store does not take the credentials for a reason of its own. */
  invalidSecurity: 'InvalidSecurity',
  /** False: the account has not signed up for S3. */
  notSignedUp: 'NotSignedUp',
  /** False: something is wrong with the account. */
  accountProblem: 'AccountProblem',
  /** False: all access to the bucket was switched off. */
  allAccessDisabled: 'AllAccessDisabled',
  /** False: the store did not answer in time. */
  timeout: 'Timeout',
  /** False: no connection to the store. */
  connectionFailed: 'ConnectionFailed',
  /** False: the store answered with a failure of its own. */
  storeError: 'StoreError',
  /** False: the probe itself failed. */
  failed: 'Failed',
} as const;

type ValueOf<T> = T[keyof T];
export type StalledReason = ValueOf<typeof STALLED_REASONS>;
export type ReconcilingReason = ValueOf<typeof RECONCILING_REASONS>;
export type BucketReason = ValueOf<typeof BUCKET_REASONS>;

/** Every reason of every condition. */
export const KNOWN_REASONS: ReadonlySet<string> = new Set(
  [READY_REASONS, RECONCILING_REASONS, STALLED_REASONS, BUCKET_REASONS].flatMap((reasons) =>
    Object.values(reasons),
  ),
);
