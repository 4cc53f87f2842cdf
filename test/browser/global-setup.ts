import { BROWSER_PREREQUISITES, ensurePrerequisites } from '../../hack/cluster/node/prerequisites.ts';

export async function setup(): Promise<void> {
  await ensurePrerequisites(BROWSER_PREREQUISITES);
}
