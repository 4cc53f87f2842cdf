import type { KubeObject } from '../kube/objects.ts';

/** A Secret as it stands in JSON: values in base64. */
export interface Secret extends KubeObject {
  type?: string | undefined;
  data?: Record<string, string> | undefined;
}

/** The value of a key as text; undefined when the Secret has no such key or its bytes are not UTF-8. */
export function secretText(secret: Pick<Secret, 'data'>, key: string): string | undefined {
  const value = secret.data?.[key];
  if (value === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
  } catch {
    return undefined;
  }
}

/** Texts as a Secret's `data`. */
export function secretData(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]),
  );
}
