import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { ObjectMeta } from '../kube/objects.ts';
import { ownerReferenceTo } from '../kube/objects.ts';

export const NAME_LABEL = 'app.kubernetes.io/name';
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const PART_OF_LABEL = 'app.kubernetes.io/part-of';

export const MANAGED_BY_VALUE = 's3proxy-operator';
const NAME_VALUE = 's3proxy';

/** What a child is there for. */
export type Component = 'proxy' | 'auth' | 'tls';

/** Labels that select an S3Proxy's pods. Never to be changed: a Deployment's selector is immutable. */
export function selectorLabels(name: string): Record<string, string> {
  return { [NAME_LABEL]: NAME_VALUE, [INSTANCE_LABEL]: name };
}

/** The selector as text, for `status.selector`. */
export function selectorText(name: string): string {
  return Object.entries(selectorLabels(name))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
}

/** The labels that every child bears. */
export function childLabels(name: string, component: Component): Record<string, string> {
  return {
    ...selectorLabels(name),
    [COMPONENT_LABEL]: component,
    [MANAGED_BY_LABEL]: MANAGED_BY_VALUE,
    [PART_OF_LABEL]: NAME_VALUE,
  };
}

/** Metadata of a child: in the S3Proxy's namespace, labelled, and controlled by it. */
export function childMetadata(
  s3proxy: ValidS3Proxy,
  name: string,
  component: Component,
  annotations?: Record<string, string>,
): ObjectMeta & { namespace: string } {
  return {
    name,
    namespace: s3proxy.metadata.namespace,
    labels: childLabels(s3proxy.metadata.name, component),
    ...(annotations !== undefined && Object.keys(annotations).length > 0 && { annotations }),
    ownerReferences: [ownerReferenceTo(s3proxy)],
  };
}
