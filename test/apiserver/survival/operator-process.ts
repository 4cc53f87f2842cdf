import { readConfig } from '../../../operator/src/config.ts';
import { silentLogger } from '../../../operator/src/kube/logger.ts';
import { createRuntimeMetrics } from '../../../operator/src/kube/metrics.ts';
import { createOperator } from '../../../operator/src/operator.ts';
import { openWire, type Wire, type WireOptions } from './wire.ts';

/** What the operators of the tests are told. */
export const PROXY_IMAGE = 'example.com/s3proxy-proxy:1';
export const OPERATOR_NAMESPACE = 's3proxy-system';

/** An operator with everything that the product's process has, but for its ports and signals. */
export interface OperatorProcess {
  readonly wire: Wire;
  /** Whether it has its caches, and neither works nor has anything to work on now. */
  isIdle(): Promise<boolean>;
  /** Ends it as a kill would: from now on nothing of it reaches the server. */
  crash(): void;
}

/** Starts one that works in the namespace, or in all of them if that is empty. */
export function startOperator(namespace: string, network: WireOptions): OperatorProcess {
  const wire = openWire(network);
  const metrics = createRuntimeMetrics();
  const config = readConfig({
    WATCH_NAMESPACES: namespace,
    PROXY_IMAGE,
    POD_NAMESPACE: OPERATOR_NAMESPACE,
    LEADER_ELECTION: 'false',
    PROBE_SECONDS: '0',
    // Long enough to be killed in, no longer.
    HANDOVER_SECONDS: '0.2',
    // Nothing may depend on the resync.
    RESYNC_SECONDS: '0',
  });
  const { connection } = wire;
  const operator = createOperator({
    config,
    connection,
    leaseConnection: connection,
    logger: silentLogger,
    metrics,
  });
  const stop = new AbortController();
  void operator.run(stop.signal);

  async function isIdle(): Promise<boolean> {
    if (wire.pending > 0 || operator.waitsFor() !== undefined) return false;
    // The queue's depth samples the queue when it is read.
    const [depth, working] = [await metrics.queueDepth.get(), await metrics.activeWorkers.get()];
    const sum = [...depth.values, ...working.values].reduce((total, { value }) => total + value, 0);
    return sum === 0 && wire.pending === 0;
  }

  return {
    wire,
    isIdle,
    crash() {
      wire.cut();
      stop.abort();
    },
  };
}
