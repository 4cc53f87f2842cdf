import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { INGRESS } from '../kube/resource-kind.ts';
import { authEnforcement } from '../resources/auth-enforcement.ts';
import { asksForPassword } from '../resources/ingress-auth-annotations.ts';
import { deploymentState, type LiveDeployment } from './deployment-state.ts';
import { reconcileDeployment, reconcileIngress } from './reconcile-workload.ts';
import type { Step } from './step.ts';

export interface Publication {
  /** The Deployment as it stands, if there is one of ours. */
  live: LiveDeployment | undefined;
  /** Whether Deployment and Ingress are as the spec says, and no pod of an older template is left. */
  settled: boolean;
}

/**
 * Deployment and Ingress, in the order that leaves no gap in which nobody asks for the password: who is to ask from now on
 * comes first, and who asked before stops when that one is in place.
 */
export async function reconcilePublication(
  s3proxy: ValidS3Proxy,
  proxyImage: string,
  authReady: boolean,
  tlsReady: boolean,
  step: Step,
): Promise<Publication> {
  if (authEnforcement(s3proxy) === 'ingress') {
    const asks = await reconcileIngress(s3proxy, authReady && tlsReady, step);
    const live = await reconcileDeployment(s3proxy, proxyImage, authReady && asks, step);
    return { live, settled: authReady && asks && isComplete(live) };
  }
  const live = await reconcileDeployment(s3proxy, proxyImage, authReady, step);
  const before = step.applier.find(INGRESS, s3proxy.metadata.name);
  const takesOver = asksForPassword(before?.metadata.annotations) && !(authReady && isComplete(live));
  const done = await reconcileIngress(s3proxy, tlsReady && !takesOver, step);
  return { live, settled: authReady && done && isComplete(live) };
}

function isComplete(live: LiveDeployment | undefined): boolean {
  return live !== undefined && deploymentState(live).complete;
}
