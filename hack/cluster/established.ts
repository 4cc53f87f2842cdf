import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_MS = 30_000;

/**
 * Waits until the API server serves a CustomResourceDefinition. `kubectl wait` alone fails at once for one so new that its conditions are null.
 * @param kubectl runs kubectl; rejects with what it wrote to stderr
 * @param name such as `s3proxies.s3proxy.dev`
 */
export async function untilEstablished(
  kubectl: (...args: string[]) => Promise<unknown>,
  name: string,
): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  for (;;) {
    try {
      await kubectl('wait', '--for=condition=Established', `--timeout=${LONGEST_MS}ms`, `crd/${name}`);
      return;
    } catch (error) {
      if (!String(error).includes('conditions accessor error') || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
