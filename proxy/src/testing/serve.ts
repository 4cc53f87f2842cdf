import pino from 'pino';
import { Registry } from 'prom-client';
import { createApplication } from '../application.ts';
import type { ContentConfigInput } from '../content-config.ts';
import { closeGracefully, listen } from '../listen.ts';
import { readSettings } from '../read-config.ts';

/** A proxy that serves in this process, without its management port. */
export interface Served {
  port: number;
  /** Without a trailing slash. */
  url: string;
  registry: Registry;
  stop(): Promise<void>;
}

const PROGRAM = new URL('../main.ts', import.meta.url);

/** What else it is told, beside variables of its environment. */
interface Told {
  content?: ContentConfigInput;
  /** Entry file for its threads. */
  program?: URL;
}

/** Serves a bucket of the store at `endpoint` on a free port of loopback. */
export async function serve(
  endpoint: string,
  { content, program = PROGRAM, ...environment }: Told & Record<string, unknown> = {},
): Promise<Served> {
  const all: Record<string, string> = {
    S3_BUCKET: 'bucket-name',
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'access-key',
    AWS_SECRET_ACCESS_KEY: 'secret-key',
    ...(content ? { CONTENT_CONFIG: JSON.stringify(content) } : {}),
    ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])),
  };
  const registry = new Registry();
  const application = createApplication(readSettings(all), {
    environment: all,
    log: pino({ level: 'silent' }),
    registry,
    program,
  });
  const port = await listen(application.server, 0);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    registry,
    async stop() {
      await closeGracefully(application.server, 0);
      application.dispose();
    },
  };
}
