import * as z from 'zod';
import { QUANTITY } from './quantity.ts';

/** A field that takes a quantity, as a string or as a whole number. */
export function quantity(description: string) {
  return (
    z
      // Rules that compare quantities must not see what is none.
      .union([z.int().min(0), z.string().max(24, { abort: true }).regex(QUANTITY, { abort: true })], {
        error: 'must be a quantity such as 250m or 64Mi',
      })
      .describe(description)
      .meta({ 'x-kubernetes-int-or-string': true })
  );
}

/** CEL for a quantity's value; `field` is CEL for the field, which must be present. */
export function quantityCel(field: string): string {
  return `quantity(string(${field}))`;
}
