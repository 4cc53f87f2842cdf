import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { withLock } from '../../hack/cluster/binaries/lock.ts';

/**
 * To be called at the top of each file that uses the shared node: its hooks and tests run while no other such file's do. Files run
 * at the same time, so that one with a cluster of its own need not wait for the others.
 */
export function takesTurn(): void {
  const over = Promise.withResolvers<void>();
  let turn: Promise<void> | undefined;
  beforeAll(async () => {
    const begun = Promise.withResolvers<void>();
    turn = withLock(join(inject('demoDirectory'), 'turn.lock'), async () => {
      begun.resolve();
      await over.promise;
    });
    await Promise.race([begun.promise, turn]);
  });
  afterAll(async () => {
    over.resolve();
    await turn;
  });
}
