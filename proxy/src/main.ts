import { isMainThread, workerData } from 'node:worker_threads';
import { PASSWORD_THREAD, runPasswordThread } from './auth/password-thread.ts';

// The password thread runs this same file, so what only the program needs is loaded only by it.
if (!isMainThread && workerData === PASSWORD_THREAD) {
  runPasswordThread();
} else {
  const { run } = await import('./run.ts');
  run(new URL(import.meta.url)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
