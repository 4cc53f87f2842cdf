import { access } from 'node:fs/promises';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { withLock } from '../binaries/lock.ts';
import { type CommandOptions, command } from '../command.ts';
import { ENGINE_PREREQUISITES, ensurePrerequisites } from '../node/prerequisites.ts';
import { withPrivateEngine } from './private-engine.ts';

/** Runs the Docker client against an engine and gives its stdout. */
export type Docker = (args: readonly string[], options?: CommandOptions) => Promise<string>;

/** Debian's client, which knows its engine's version; another one may come first on PATH. */
const CLIENT = '/usr/bin/docker';

/**
 * Calls `work` with a Docker engine: the machine's own if one answers, else a private one.
 * @throws Error that names what to install, where there is neither
 */
export async function withDocker<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
  const own = await client()
    .then(async (docker) => {
      await docker(['version', '--format', '{{.Server.Version}}']);
      return docker;
    })
    .catch(() => undefined);
  if (own !== undefined) return work(own);
  await ensurePrerequisites(ENGINE_PREREQUISITES);
  return withLock(cacheDirectory('docker.lock'), () =>
    withPrivateEngine(async (host) => work(await client(host))),
  );
}

async function client(host?: string): Promise<Docker> {
  const file = await access(CLIENT).then(
    () => CLIENT,
    () => 'docker',
  );
  const env = { DOCKER_BUILDKIT: '1', ...(host !== undefined && { DOCKER_HOST: host }) };
  return (args, options = {}) =>
    command(file, args, { ...options, env: { ...process.env, ...options.env, ...env } });
}
