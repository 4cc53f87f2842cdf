import type { z } from 'zod';
import type { KubeObject } from '../kube/objects.ts';
import { foreignSecretAnnotations } from './foreign-secrets.ts';
import { MAX_NAME_LENGTH, NAME_PATTERN, type ValidS3Proxy } from './s3proxy.ts';
import { type S3ProxySpec, specSchema } from './spec.ts';

/** What is wrong with one field. */
export interface Fault {
  /** Path from the object's root, such as `spec.bucket.name` or `spec.list[0].name`. */
  path: string;
  /** What is wrong and what to do, without the path and without the value. */
  message: string;
}

export type ParsedS3Proxy = { ok: true; s3proxy: ValidS3Proxy } | { ok: false; faults: Fault[] };

/**
 * The S3Proxy with its defaults filled in, or every fault found. The API server has checked the same rules, by the CRD that
 * it has: an older or newer one than this operator's, or none that was in force when the object was written.
 */
export function parseS3Proxy(object: KubeObject & { spec?: unknown }): ParsedS3Proxy {
  const { metadata } = object;
  const { namespace, uid } = metadata;
  const faults = nameFaults(metadata.name);
  const spec = specSchema.safeParse(object.spec ?? {});
  if (!spec.success) faults.push(...firstOfEachField(spec.error.issues.map(faultOf)));
  if (spec.success && namespace !== undefined) faults.push(...annotationFaults(spec.data, namespace));
  if (namespace === undefined) faults.push({ path: 'metadata.namespace', message: 'is missing' });
  if (uid === undefined) faults.push({ path: 'metadata.uid', message: 'is missing' });
  if (faults.length > 0 || !spec.success || namespace === undefined || uid === undefined) {
    return { ok: false, faults };
  }
  const { apiVersion, kind } = object;
  return {
    ok: true,
    s3proxy: { apiVersion, kind, metadata: { ...metadata, namespace, uid }, spec: spec.data },
  };
}

/** All faults in one line, for a condition: `spec.bucket.name: must be …; spec.ingress.host: …`. */
export function describeFaults(faults: readonly Fault[]): string {
  return faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
}

function nameFaults(name: string): Fault[] {
  const path = 'metadata.name';
  if (name.length > MAX_NAME_LENGTH) {
    return [
      { path, message: `must have at most ${MAX_NAME_LENGTH} characters, for other names derive from it` },
    ];
  }
  if (!NAME_PATTERN.test(name)) {
    return [{ path, message: 'must begin with a letter and hold lower-case letters, digits and "-" alone' }];
  }
  return [];
}

function annotationFaults({ ingress }: S3ProxySpec, namespace: string): Fault[] {
  return foreignSecretAnnotations(ingress.annotations, namespace).map((name) => ({
    path: `spec.ingress.annotations.${name}`,
    message: "must name a Secret of the S3Proxy's own namespace",
  }));
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  const path = issue.path.reduce<string>(
    (path, step) => (typeof step === 'number' ? `${path}[${step}]` : `${path}.${String(step)}`),
    'spec',
  );
  return { path, message: issue.message };
}

/** A text of the wrong form mostly breaks the further rules for it too: one fault a field says enough. */
function firstOfEachField(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.toReversed().map((fault) => [fault.path, fault])).values()].toReversed();
}
