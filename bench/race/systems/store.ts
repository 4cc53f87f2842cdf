import type { Contender } from '../contender.ts';

/** The store itself by presigned URL: nothing in between, so nothing can be faster. */
export const store: Contender = {
  name: 'store',
  caches: () => false,
  start: async ({ store: { running } }) => ({ running, urlOf: ({ presignedUrl }) => presignedUrl }),
};
