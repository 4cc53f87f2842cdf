import { isDeepStrictEqual } from 'node:util';
import { S3PROXY, type S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxyStatus } from '../api/status.ts';
import type { KubeClient } from '../kube/client.ts';
import { FIELD_MANAGER } from './field-manager.ts';

/**
 * Writes what the status says anew, and nothing when it says the same already. As a merge patch (RFC 7386), which costs the API server
 * less than an apply, and of the version that was looked at: a status that was made from an older one is refused.
 * @returns the S3Proxy as the server now has it, or undefined when nothing was written.
 * @throws ApiError `Conflict` when the S3Proxy has changed meanwhile.
 */
export async function writeStatus(
  client: KubeClient,
  s3proxy: S3Proxy,
  status: S3ProxyStatus,
  signal: AbortSignal,
): Promise<S3Proxy | undefined> {
  const changes = statusChanges(s3proxy.status ?? {}, status);
  if (Object.keys(changes).length === 0) return undefined;
  const { resourceVersion } = s3proxy.metadata;
  const patch = { metadata: { resourceVersion }, status: changes };
  return client.patchStatus<S3Proxy>(S3PROXY, s3proxy.metadata, patch, {
    fieldManager: FIELD_MANAGER,
    signal,
  });
}

/** The fields to be set, and null for each that is no longer said. */
function statusChanges(before: object, after: object): Record<string, unknown> {
  const [was, is] = [asJson(before), asJson(after)];
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(is)) {
    if (!isDeepStrictEqual(value, was[name])) changes[name] = value;
  }
  for (const name of Object.keys(was)) if (!(name in is)) changes[name] = null;
  return changes;
}

/** Without what is undefined. */
function asJson(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}
