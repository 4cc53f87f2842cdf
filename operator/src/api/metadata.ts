import * as z from 'zod';
import { withRules } from './rules.ts';

/** Domain of the operator's own labels and annotations: nobody sets them on children by the spec. */
export const OWN_DOMAIN = 's3proxy.dev/';
/** Domain of the recommended labels, which select the pods. */
const RECOMMENDED_DOMAIN = 'app.kubernetes.io/';

/** A "qualified name": an optional DNS subdomain as prefix, and up to 63 characters (Kubernetes, "Labels and Selectors"). */
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*[/])?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Value of a label. */
export const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, {
    error: 'must be a label value: up to 63 letters, digits, "-", "_" and "."',
  });

/** Key of a label, where it stands as a value. */
export const labelKey = z
  .string()
  .min(1)
  .max(317)
  .regex(QUALIFIED_NAME, { error: 'must be a label key such as example.com/zone' });

/** Entries of a map: bounded, for the API server counts with the worst that a rule may have to look at. */
const LARGEST_MAP = 32;

function map(values: z.ZodString, description: string) {
  return z
    .record(z.string(), values)
    .refine((entries) => Object.keys(entries).length <= LARGEST_MAP, {
      error: `must not have more than ${LARGEST_MAP} entries`,
    })
    .describe(description)
    .meta({ maxProperties: LARGEST_MAP });
}

const qualifiedKeys = {
  cel: `self.all(key, key.size() <= 317 && key.matches('${QUALIFIED_NAME.source.replaceAll('\\/', '/')}'))`,
  message: 'each key must be a name of up to 63 characters, with a domain and "/" before it or not',
  holds: (map: Record<string, string>) =>
    Object.keys(map).every((key) => key.length <= 317 && QUALIFIED_NAME.test(key)),
};

/** Labels for pods and for node selection. */
export function labels(description: string) {
  return withRules(map(labelValue, description), qualifiedKeys);
}

/** Labels that are added to the operator's own. */
export function addedLabels(description: string) {
  return withRules(labels(description), {
    cel: `self.all(key, !key.startsWith('${RECOMMENDED_DOMAIN}') && !key.startsWith('${OWN_DOMAIN}'))`,
    message: `${RECOMMENDED_DOMAIN}* and ${OWN_DOMAIN}* are the operator's own`,
    holds: (map) =>
      Object.keys(map).every((key) => !key.startsWith(RECOMMENDED_DOMAIN) && !key.startsWith(OWN_DOMAIN)),
  });
}

/** Value of an annotation. */
export const annotationValue = z.string().max(4096);

/** Annotations that are added to the operator's own. */
export function addedAnnotations(description: string, values: z.ZodString = annotationValue) {
  return withRules(map(values, description), qualifiedKeys, {
    cel: `self.all(key, !key.startsWith('${OWN_DOMAIN}'))`,
    message: `${OWN_DOMAIN}* is the operator's own`,
    holds: (map) => Object.keys(map).every((key) => !key.startsWith(OWN_DOMAIN)),
  });
}
