import type { BucketReport } from '../report.ts';
import { NoCredentialsError } from './no-credentials-error.ts';
import { Operation } from './operation.ts';
import type { StoreClient } from './store-client.ts';
import { StoreError } from './store-error.ts';

/** A key nobody uses: asking for it tells a bucket that is missing from one that is there. */
const PROBE_KEY = '.s3proxy-probe';

/**
 * Asks the bucket for one byte of a key that should not exist. Never rejects.
 * @param encodedPrefix key prefix of the proxy, percent-encoded
 */
export async function probeBucket(
  client: StoreClient,
  encodedPrefix: string,
  now: () => number = Date.now,
): Promise<BucketReport> {
  const request = {
    method: 'GET',
    path: `/${encodedPrefix}${PROBE_KEY}`,
    query: '',
    range: { first: 0, last: 0 },
  } as const;
  const checkedAt = () => new Date(now()).toISOString();
  try {
    const { body } = await client.send(request, new Operation());
    body.cancel();
    return { reachable: 'True', reason: 'Reachable', message: 'The bucket answers.', checkedAt: checkedAt() };
  } catch (error) {
    return { ...judge(error), checkedAt: checkedAt() };
  }
}

function judge(error: unknown): BucketReport {
  if (!(error instanceof StoreError)) {
    return { reachable: 'False', reason: 'Failed', message: 'The bucket could not be asked.' };
  }
  const { kind, code, cause } = error;
  switch (code) {
    case 'NoSuchKey':
    case 'InvalidRange':
      return { reachable: 'True', reason: 'Reachable', message: 'The bucket answers.' };
    case 'AccessDenied':
      return {
        reachable: 'Unknown',
        reason: 'AccessDenied',
        message:
          'The store denies access to a key that does not exist. The keys may only lack s3:ListBucket, which is harmless, or they may not read this bucket at all.',
      };
    case 'NoSuchBucket':
      return { reachable: 'False', reason: 'NoSuchBucket', message: 'The bucket does not exist.' };
    case 'NoCredentials':
      return {
        reachable: 'False',
        reason: 'NoCredentials',
        message:
          cause instanceof NoCredentialsError
            ? cause.summary
            : 'No credentials could be obtained in time. Set static keys, or give the service account an AWS role.',
      };
    default:
  }
  switch (kind) {
    case 'credentials':
      return {
        reachable: 'False',
        reason: code,
        message: `The store refuses the credentials (${code}). Check the access key, its secret and its expiry.`,
      };
    case 'bucket':
      return {
        reachable: 'False',
        reason: code,
        message: `The bucket is not served here (${code}). Check its name, region and endpoint.`,
      };
    case 'timeout':
      return {
        reachable: 'False',
        reason: 'Timeout',
        message: 'The store does not answer in time. Check the endpoint and the network.',
      };
    case 'connection':
      return {
        reachable: 'False',
        reason: 'ConnectionFailed',
        message: `No connection to the store (${code}). Check the endpoint and the network.`,
      };
    case 'not-found':
      return { reachable: 'True', reason: 'Reachable', message: 'The bucket answers.' };
    default:
      return { reachable: 'False', reason: 'StoreError', message: `The store fails (${code}).` };
  }
}
