import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../cluster/binaries/binary.ts';

const START_MS = 30_000;

/** A way to the demo's S3 server from this machine. */
export interface PortForward {
  endpoint: string;
  pid: number;
}

/** Starts `kubectl port-forward` on a free port. It goes on when this process ends; end it by its pid. */
export async function startPortForward(
  kubeconfig: string,
  target: { namespace: string; service: string; port: number },
  logFile: string,
): Promise<PortForward> {
  const log = openSync(logFile, 'w');
  const child = spawn(
    await binary('kubectl'),
    [
      ...['--kubeconfig', kubeconfig, '--namespace', target.namespace],
      ...['port-forward', `service/${target.service}`, `:${target.port}`],
    ],
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  child.unref();
  const deadline = performance.now() + START_MS;
  for (;;) {
    const text = await readFile(logFile, 'utf8');
    const port = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (port !== undefined && child.pid !== undefined)
      return { endpoint: `http://127.0.0.1:${port}`, pid: child.pid };
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill();
      throw new Error(`kubectl port-forward to ${target.service} did not start: ${text.trim()}`);
    }
    await sleep(100);
  }
}
