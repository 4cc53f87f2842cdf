import type { KubeClient } from '../kube/client.ts';
import type { ResourceKind } from '../kube/resource-kind.ts';

/** How long an answer is believed, in milliseconds: what is missing may be installed any time. */
const BELIEVED_MS = 30_000;

/** Whether the cluster serves a kind, asked of its discovery at most every 30 seconds. Rejects with ApiError. */
export function createKindCheck(
  client: KubeClient,
  now: () => Date,
): (kind: ResourceKind) => Promise<boolean> {
  const answers = new Map<ResourceKind, { served: Promise<boolean>; at: number }>();
  return (kind) => {
    const known = answers.get(kind);
    const at = now().getTime();
    if (known !== undefined && at - known.at < BELIEVED_MS) return known.served;
    const served = client.serves(kind);
    answers.set(kind, { served, at });
    served.catch(() => answers.delete(kind));
    return served;
  };
}
