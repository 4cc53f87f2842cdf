import { defineConfig } from 'vitest/config';

// One project a layer, each named for what it needs: nothing, an S3 server, a browser, an API server, a whole node.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 'unit',
          include: ['{operator,proxy,hack,bench}/**/*.test.ts'],
          // Files share their modules: loading them anew for each took more than half of the time.
          isolate: false,
          testTimeout: 10_000,
        },
      },
      {
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 's3',
          include: ['test/s3/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 'faults',
          include: ['test/{faults,fuzz}/**/*.test.ts'],
          globalSetup: ['test/faults/global-setup.ts'],
          // They wait for limits most of the time, whatever the number of cores.
          maxWorkers: 4,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 'apiserver',
          include: ['test/apiserver/**/*.test.ts'],
          exclude: ['test/apiserver/{survival,properties}/**'],
          // Each file has an API server of its own, and mostly waits.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // The operator killed at each of its writes, and every property of the API: minutes, so not a part of every run.
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 'survival',
          include: ['test/apiserver/{survival,properties}/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // What a tenant cannot get, and what the operator uses of its roles: about a minute, so not a part of every run.
        test: {
          name: 'security',
          include: ['test/security/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          setupFiles: ['test/property-seed.ts'],
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          // A file for each worker: those that share the node take turns, and the one with a cluster of its own does not.
          maxWorkers: 8,
          testTimeout: 180_000,
          hookTimeout: 900_000,
        },
      },
      {
        // What must not fail a request, done under load: ten minutes, so not a part of every run.
        test: {
          name: 'load',
          include: ['test/load/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 400_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
