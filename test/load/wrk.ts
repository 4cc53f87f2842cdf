import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { parseResult } from '../../bench/race/wrk.ts';
import { ensurePrerequisites } from '../../hack/cluster/node/prerequisites.ts';

const reportSchema = z.object({
  /** How many answers had each status. */
  statuses: z.record(z.string(), z.number()),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
  /** Requests without an answer, by what happened to their connection. */
  broken: z.object({ connect: z.number(), read: z.number(), write: z.number(), timeout: z.number() }),
});

export type WrkReport = z.output<typeof reportSchema>;

export interface WrkOptions {
  /** Of the published bucket. */
  host: string;
  /** Of the Ingress, whose port is 443. */
  address: string;
  /** "user:password" */
  auth: string;
  connections: number;
  /** Each connection waits so many milliseconds before each request. */
  pauseMs: number;
}

export interface RunningWrk {
  /** Ends it, and resolves with what it measured. */
  stop(): Promise<WrkReport>;
}

/** Whoever starts it stops it; so long it runs should nobody do so. */
const LONGEST_SECONDS = 900;
const TIMEOUT_SECONDS = 10;

/**
 * What runs first in a mount namespace of its own: there the host's name leads to the Ingress, so that TLS names it, and nowhere else
 * on this machine.
 */
const WITH_HOSTS = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';

/** Starts wrk on keep-alive connections through the Ingress. It reports each answer's status, and checks no certificate. */
export async function startWrk(options: WrkOptions): Promise<RunningWrk> {
  await ensurePrerequisites([{ needs: 'wrk', package: 'wrk' }]);
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-wrk-'));
  const hosts = join(directory, 'hosts');
  await writeFile(hosts, `127.0.0.1 localhost\n${options.address} ${options.host}\n`);
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount', 'sh', '-c', WITH_HOSTS, 'sh', hosts],
      ...['wrk', '--threads', '1', '--connections', String(options.connections)],
      ...['--duration', `${LONGEST_SECONDS}s`, '--timeout', `${TIMEOUT_SECONDS}s`],
      ...['--script', join(import.meta.dirname, 'wrk.lua'), `https://${options.host}/`],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        AUTHORIZATION: `Basic ${Buffer.from(options.auth).toString('base64')}`,
        PAUSE_MS: String(options.pauseMs),
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  ended.catch(() => undefined);
  return {
    async stop() {
      child.kill('SIGINT');
      await ended;
      await rm(directory, { recursive: true, force: true });
      return reportSchema.parse(parseResult(output));
    },
  };
}
