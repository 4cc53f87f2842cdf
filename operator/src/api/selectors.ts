import * as z from 'zod';
import { labelKey, labels, labelValue } from './metadata.ts';
import { withRules } from './rules.ts';

/** A condition on labels (metav1.LabelSelectorRequirement). */
export const labelRequirement = withRules(
  z.object({
    key: labelKey.describe('Key of the label.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('How the label is compared with values.'),
    values: z.array(labelValue).max(16).optional().describe('Values, for In and NotIn.'),
  }),
  {
    cel: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
    message: 'values are for the operators In and NotIn, which need one at least',
    fieldPath: '.values',
    holds: ({ operator, values = [] }) => (operator === 'In' || operator === 'NotIn') === values.length > 0,
  },
);

/** A selector of objects by label (metav1.LabelSelector). Empty, it selects all. */
export function labelSelector(description: string) {
  return z
    .object({
      matchLabels: labels('Labels that must have these values.').optional(),
      matchExpressions: z
        .array(labelRequirement)
        .max(16)
        .optional()
        .describe('Further conditions on labels.'),
    })
    .describe(description);
}
