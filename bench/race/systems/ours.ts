import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import { environmentSchema } from '../../../proxy/src/config.ts';
import type { Contender } from '../contender.ts';
import { start } from '../running.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

/** Largest object that `ours-cached` keeps. */
const CACHED_OBJECT_BYTES = 1024 * 1024;

/** What switches the cache on, for as long as the race may take. */
const CACHE_ENVIRONMENT = {
  CACHE_MAX_BYTES: String(64 * CACHED_OBJECT_BYTES),
  CACHE_MAX_OBJECT_BYTES: String(CACHED_OBJECT_BYTES),
  CACHE_TTL_SECONDS: '86400',
};

/** Whether this version of the proxy has a cache. */
export function hasCache(): boolean {
  return Object.keys(CACHE_ENVIRONMENT).every((name) => name in environmentSchema.shape);
}

/** This project's proxy, started with the options and the environment that its image gives it. */
export function ours(name: 'ours' | 'ours-cached', bundle: string): Contender {
  const cached = name === 'ours-cached';
  return {
    name,
    caches: (objectBytes) => cached && objectBytes <= CACHED_OBJECT_BYTES,
    async start({ store: { environment }, logs, processors }) {
      const [port, managementPort] = await freePorts(2);
      const dockerfile = await readFile(join(REPOSITORY, 'Dockerfile.proxy'), 'utf8');
      const options = nodeOptions(dockerfile);
      const running = start(process.execPath, [...options, bundle], {
        name,
        logs,
        processors,
        env: {
          ...process.env,
          ...environment,
          ...(cached && CACHE_ENVIRONMENT),
          ...imageEnvironment(dockerfile),
          S3_FORCE_PATH_STYLE: 'true',
          PORT: String(port),
          MANAGEMENT_PORT: String(managementPort),
          // No access log: none of the others writes one either.
          LOG_LEVEL: 'warn',
        },
      });
      return {
        running,
        urlOf: ({ key }) => `http://127.0.0.1:${port}/${key}`,
        metricsUrl: `http://127.0.0.1:${managementPort}/metrics`,
      };
    },
  };
}

/**
 * The options between `node` and the program in an image's last ENTRYPOINT.
 * @throws Error where the Dockerfile starts Node in no such way
 */
export function nodeOptions(dockerfile: string): string[] {
  const entrypoint = dockerfile
    .match(/^ENTRYPOINT (\[.*\])$/gm)
    ?.at(-1)
    ?.slice('ENTRYPOINT '.length);
  const words: unknown = entrypoint === undefined ? undefined : JSON.parse(entrypoint);
  if (!Array.isArray(words) || words[0] !== 'node' || words.length < 2) {
    throw new Error('the Dockerfile has no line ENTRYPOINT ["node", …, "program"]');
  }
  return words.slice(1, -1).map(String);
}

/** What an image's ENV lines set; ENV NAME=VALUE with plain values only. */
export function imageEnvironment(dockerfile: string): Record<string, string> {
  const lines = dockerfile.match(/^ENV .*$/gm) ?? [];
  const pairs = lines.flatMap((line) => [...line.matchAll(/ (\w+)=(\S+)/g)]);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}
