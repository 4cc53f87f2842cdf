import type { KubeClient } from './client.ts';
import type { KubeObject } from './objects.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Whether applying `desired` would change `live`. Fields of `live` that `desired` does not mention do not count. */
export declare function differs(desired: KubeObject, live: KubeObject): boolean;

export interface ApplyIfChangedOptions {
  fieldManager: string;
  signal?: AbortSignal | undefined;
}

export interface ApplyOutcome {
  outcome: 'unchanged' | 'created' | 'updated';
  object: KubeObject;
}

/** Applies `desired` unless `live`, the cached object or undefined, already matches it. */
export declare function applyIfChanged(
  client: KubeClient,
  kind: ResourceKind,
  live: KubeObject | undefined,
  desired: KubeObject,
  options: ApplyIfChangedOptions,
): Promise<ApplyOutcome>;
