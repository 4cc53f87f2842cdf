/** What has the Deployments turn Ready. */
export interface Rollout {
  stop(): Promise<void>;
}
