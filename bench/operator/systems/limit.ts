import { join } from 'node:path';
import { start } from '../../race/running.ts';
import type { Contender } from '../contender.ts';

const PROGRAM = join(import.meta.dirname, '..', 'limit', 'main.ts');

/** A bare loop of the writes that the work needs at least. It watches nothing: it is told what there is to write. */
export const limit: Contender = {
  name: 'limit',
  async start({ kubeconfig, logs, processors, concurrency }) {
    const running = start(process.execPath, [PROGRAM], {
      name: 'limit',
      logs,
      processors,
      env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig, CONCURRENCY: String(concurrency) },
      input: true,
    });
    return { running, tell: (news) => running.input?.write(`${JSON.stringify(news)}\n`) };
  },
};
