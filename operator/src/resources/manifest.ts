import type { KubeObject } from '../kube/objects.ts';

/** `T` as a manifest's JSON holds it: an optional field may be undefined, and is left out then. */
export type Json<T> = T extends readonly (infer E)[]
  ? Json<E>[]
  : T extends object
    ? { [K in keyof T]: Json<T[K]> | (object extends Pick<T, K> ? undefined : never) }
    : T;

/** A manifest with a spec of the API's type. */
export type Manifest<Spec> = KubeObject & { spec: Json<Spec> };
