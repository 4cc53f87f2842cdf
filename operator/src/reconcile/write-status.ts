import { isDeepStrictEqual } from 'node:util';
import { API_VERSION, KIND, S3PROXY, type S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxyStatus } from '../api/status.ts';
import type { KubeClient } from '../kube/client.ts';
import { FIELD_MANAGER } from './field-manager.ts';

/**
 * Writes the status unless it says the same already. Server-side apply, so fields that are no longer said disappear.
 * @returns the S3Proxy as the server now has it, or undefined when nothing was written.
 */
export async function writeStatus(
  client: KubeClient,
  s3proxy: S3Proxy,
  status: S3ProxyStatus,
  signal: AbortSignal,
): Promise<S3Proxy | undefined> {
  if (isDeepStrictEqual(withoutUndefined(status), withoutUndefined(s3proxy.status ?? {}))) return undefined;
  const { name, namespace, uid } = s3proxy.metadata;
  const desired = { apiVersion: API_VERSION, kind: KIND, metadata: { name, namespace, uid }, status };
  return client.applyStatus<S3Proxy>(S3PROXY, desired, { fieldManager: FIELD_MANAGER, force: true, signal });
}

/** As JSON has it. */
function withoutUndefined(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
