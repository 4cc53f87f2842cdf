import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Cluster } from '../../hack/cluster/cluster.ts';
import { NODE_NAME } from '../../hack/cluster/control-plane/pki.ts';
import { ensurePrerequisites } from '../../hack/cluster/node/prerequisites.ts';
import type { Fixture } from '../e2e/fixture.ts';

/** Threads that make the difference between a node at ease and one under pressure: many more than come and go by themselves. */
const THREADS = 8_000;
const THREADS_SPARE = 5_000;
/** Small ones: they do nothing. */
const THREAD_PROGRAM = `
import threading
threading.stack_size(65536)
over = threading.Event()
for _ in range(${THREADS}):
    threading.Thread(target=over.wait, daemon=True).start()
print('there', flush=True)
over.wait()
`;

/**
 * Configures the kubelet to evict, softly, when the kernel has a few thousand process ids fewer left than now, and has it start again. A shortage
 * of process ids is one that does no harm to what else runs on this machine, unlike one of memory or of disk.
 */
export async function watchProcessIds(cluster: Cluster, kubectl: Fixture['kubectl']): Promise<void> {
  const available = String((await processIdsLeft(kubectl)) - THREADS_SPARE);
  const file = join(cluster.directory, 'node', 'kubelet.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as { evictionHard: Record<string, string> };
  const { 'pid.available': _, ...others } = config.evictionHard;
  const eviction = {
    evictionHard: others,
    evictionSoft: { 'pid.available': available },
    evictionSoftGracePeriod: { 'pid.available': '1s' },
    // Pods may take as long as they ask for.
    evictionMaxPodGracePeriod: 600,
    evictionPressureTransitionPeriod: '1s',
  };
  await writeFile(file, JSON.stringify({ ...config, ...eviction }));
  await cluster.execute('pkill', '-KILL', '-f', '^[^ ]*kubelet');
}

/** Brings the pressure about, until the function that it resolves with is called. */
export async function takeProcessIds(): Promise<() => Promise<void>> {
  await ensurePrerequisites([{ needs: 'python3', package: 'python3-minimal' }]);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'python3', '-c', THREAD_PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (child.exitCode !== null) throw new Error(`${THREADS} threads could not be had`);
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}

const summarySchema = z.object({
  node: z.object({ rlimit: z.object({ maxpid: z.number(), curproc: z.number() }) }),
});

/** As the kubelet counts them: the kernel's limit in the node's own namespace is not that of this machine. */
async function processIdsLeft(kubectl: Fixture['kubectl']): Promise<number> {
  const summary = await kubectl.run('get', '--raw', `/api/v1/nodes/${NODE_NAME}/proxy/stats/summary`);
  const { maxpid, curproc } = summarySchema.parse(JSON.parse(summary)).node.rlimit;
  return maxpid - curproc;
}
