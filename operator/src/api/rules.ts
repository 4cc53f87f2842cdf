import type { z } from 'zod';

/** A constraint across fields, said twice: in CEL for the API server and as a predicate for the operator itself. */
export interface Rule<T> {
  /** CEL over `self`, after defaults were filled in. */
  cel: string;
  /** What is wrong and what to do, in one sentence. */
  message: string;
  /** The field to blame, relative to the object that carries the rule, such as `.host`. Default: that object. */
  fieldPath?: string;
  /** The same constraint. Sees the parsed value. */
  holds(value: T): boolean;
}

/** The schema's extension that holds its CEL rules. */
export const VALIDATIONS = 'x-kubernetes-validations';

interface CelRule {
  rule: string;
  message: string;
  fieldPath?: string;
}

/** `schema` with rules added, for the generated CRD and for `safeParse` alike. */
export function withRules<S extends z.ZodType>(schema: S, ...rules: Rule<z.output<S>>[]): S {
  let checked = schema;
  for (const { message, fieldPath, holds } of rules) {
    const path = stepsOf(fieldPath ?? '');
    checked = checked.refine(holds, { message, path });
  }
  const inherited = (schema.meta()?.[VALIDATIONS] ?? []) as CelRule[];
  const added = rules.map(({ cel, message, fieldPath }): CelRule => {
    return { rule: cel, message, ...(fieldPath !== undefined && { fieldPath }) };
  });
  return checked.meta({ ...schema.meta(), [VALIDATIONS]: [...inherited, ...added] });
}

/** `.a['b-c'].d` as its steps. */
function stepsOf(fieldPath: string): string[] {
  return [...fieldPath.matchAll(/\.([^.[]+)|\['([^']+)'\]/g)].map(([, name, quoted]) => name ?? quoted ?? '');
}
