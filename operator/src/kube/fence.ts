import type { KubeClient } from './client.ts';

/** Refused here, before it was sent: this process may no longer be the leader. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/**
 * A client that reads always and writes only while `mayWrite()`. A process that was frozen and wakes up after its Lease ran out is
 * stopped by this before its timers tell it.
 */
export function fenced(client: KubeClient, mayWrite: () => boolean): KubeClient {
  const check = (): void => {
    if (!mayWrite()) throw new FencedError('not written: this process may no longer be the leader');
  };
  return {
    ...client,
    async create(...call) {
      check();
      return client.create(...call);
    },
    async replace(...call) {
      check();
      return client.replace(...call);
    },
    async apply(...call) {
      check();
      return client.apply(...call);
    },
    async patch(...call) {
      check();
      return client.patch(...call);
    },
    async patchStatus(...call) {
      check();
      return client.patchStatus(...call);
    },
    async delete(...call) {
      check();
      return client.delete(...call);
    },
  };
}
