import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createConnection } from '../../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../../operator/src/kube/kubeconfig.ts';
import { createQueue } from '../../../operator/src/kube/queue.ts';
import type { News } from '../contender.ts';
import { creationWrites, restoringWrites, type Write } from './writes.ts';

// The limit: reads from standard input what there is to do, one JSON object a line, and sends the requests for it. What they hold is
// prepared; answers are not looked at, but for their status.

const concurrency = Number(process.env.CONCURRENCY);
const connection = createConnection(await kubeconfigCredentials(), { maxConnections: concurrency });
const PREPARED = { created: await creationWrites(), edited: await restoringWrites() };

async function send({ method, contentType, path, body }: Write): Promise<void> {
  const { calls, headers } = await connection.route();
  const response = await calls.request({
    origin: connection.server.origin,
    path,
    method,
    headers: {
      ...headers,
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      'content-type': contentType,
    },
    body,
  });
  if (response.statusCode > 299) throw new Error(`${path}: ${await response.body.text()}`);
  await response.body.dump();
}

const waiting = new Map<string, News>();
const queue = createQueue({ name: 'limit' });

async function worker(): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    const news = waiting.get(key);
    waiting.delete(key);
    if (news !== undefined) for (const write of PREPARED[news.what](news)) await send(write);
    queue.done(key);
  }
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const news = JSON.parse(line) as News;
  const key = `${news.namespace}/${news.name}`;
  waiting.set(key, news);
  queue.add(key);
});
const workers = Promise.all(Array.from({ length: concurrency }, worker));
await Promise.race([workers, once(lines, 'close')]);
queue.stop();
await workers;
await connection.close();
