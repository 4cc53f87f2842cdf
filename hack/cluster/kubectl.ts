import { dirname, join } from 'node:path';
import { binary } from './binaries/binary.ts';
import { command } from './command.ts';

/** Runs the pinned kubectl as a kubeconfig's user and gives its stdout. */
export async function runKubectl(
  kubeconfig: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  // kubectl's own cache is by address, and the next cluster on it may serve other kinds.
  const cache = join(dirname(kubeconfig), 'kubectl-cache');
  const all = ['--kubeconfig', kubeconfig, '--cache-dir', cache, ...args];
  return command(await binary('kubectl'), all, input === undefined ? {} : { input });
}
