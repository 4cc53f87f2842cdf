import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The tests of the operator's Helm chart: they need helm, and some an API server. */
export default defineConfig({
  test: {
    name: 'chart',
    root: resolve(import.meta.dirname, '../..'),
    include: ['test/chart/*.test.ts'],
    testTimeout: 60_000,
    // Helm and the API server may have to be built first.
    hookTimeout: 1_800_000,
  },
});
