import { join } from 'node:path';
import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import type { Contender } from '../contender.ts';
import { start } from '../running.ts';

export const NPM_S3PROXY_DIRECTORY = join(import.meta.dirname, '..', '..', 'peers', 'npm-s3proxy');

/** The npm package s3proxy behind Express, on the same Node as ours. */
export const npmS3Proxy: Contender = {
  name: 'npm-s3proxy',
  caches: () => false,
  restart:
    'a client that hangs up, as wrk does at the end of each round, leaves one of its 50 store connections taken for good',
  async start({ store: { environment }, logs, processors }) {
    const [port] = await freePorts(1);
    const running = start(process.execPath, [join(NPM_S3PROXY_DIRECTORY, 'server.js')], {
      name: 'npm-s3proxy',
      logs,
      processors,
      env: { ...process.env, ...environment, NODE_ENV: 'production', PORT: String(port) },
    });
    return { running, urlOf: ({ key }) => `http://127.0.0.1:${port}/${key}` };
  },
};
