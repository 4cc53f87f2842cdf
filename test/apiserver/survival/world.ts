import type { KubeClient } from '../../../operator/src/kube/client.ts';
import type { KeyPair } from '../../../operator/src/resources/x509.ts';
import { startCluster } from './cluster.ts';
import { type Observer, startObserver } from './observer.ts';
import { openPool, type Pool } from './pool.ts';
import { simulateControllers } from './simulated-controllers.ts';

/** Everything that runs share. */
export interface World {
  /** An administrator's. */
  client: KubeClient;
  observer: Observer;
  pool: Pool;
  close(): Promise<void>;
}

/** Starts the cluster with what stands in for its controllers; `authority` is what its cert-manager issues by. */
export async function openWorld(authority: KeyPair): Promise<World> {
  const cluster = await startCluster();
  const { client } = cluster;
  const observer = await startObserver(client);
  simulateControllers(client, observer, authority);
  const pool = await openPool(cluster.credentials);
  return {
    client,
    observer,
    pool,
    async close() {
      await observer.stop();
      await cluster.stop();
      // Last: streams of HTTP/2 that are destroyed while the server still answers on them fail where nobody listens.
      await pool.close();
    },
  };
}
