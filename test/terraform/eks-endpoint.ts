import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { makeCertificate } from './certificate.ts';
import { sandbox } from './sandbox.ts';

/** The API server of a local cluster behind an endpoint that takes the same tokens as EKS's. */
export interface EksEndpoint {
  url: string;
  /** PEM of the authority that vouches for it. */
  ca: string;
  /** ARNs of all who were let in so far. */
  callers(): string[];
  stop(): Promise<void>;
}

const kubeconfigSchema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) }),
  ]),
  users: z.tuple([
    z.object({ user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }) }),
  ]),
});

/**
 * Starts the endpoint. As EKS does, it asks STS whose token a call carries; sessions of `role` are administrators of the cluster, everybody
 * else gets 401.
 * @param kubeconfig of an administrator of the local cluster, with the certificate inside
 * @param sts URL of moto
 * @param role name of the role
 */
export async function startEksEndpoint(kubeconfig: string, sts: string, role: string): Promise<EksEndpoint> {
  const home = join(sandbox().directory, 'eks');
  const files = { certificate: join(home, 'ca.pem'), key: join(home, 'key.pem') };
  await makeCertificate(files.certificate, files.key, ['127.0.0.1']);
  const { clusters, users } = kubeconfigSchema.parse(JSON.parse(await readFile(kubeconfig, 'utf8')));
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const pem = (base64: string) => Buffer.from(base64, 'base64');
  const agent = new Agent({
    keepAlive: true,
    ca: pem(cluster['certificate-authority-data']),
    cert: pem(user['client-certificate-data']),
    key: pem(user['client-key-data']),
  });

  const callers = new Map<string, Promise<string>>();
  const admitted = new Set<string>();
  const admit = async (authorization = ''): Promise<boolean> => {
    const token = authorization.replace(/^Bearer /, '');
    if (!callers.has(token))
      callers.set(
        token,
        callerOf(token, sts).catch(() => ''),
      );
    const caller = (await callers.get(token)) ?? '';
    if (!caller.includes(`:assumed-role/${role}/`)) return false;
    admitted.add(caller);
    return true;
  };
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { authorization: _, ...headers } = incoming.headers;
    const inner = request(new URL(incoming.url ?? '/', cluster.server), {
      agent,
      method: incoming.method,
      headers,
    });
    inner.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    inner.on('error', () => outgoing.destroy());
    outgoing.on('close', () => inner.destroy());
    incoming.pipe(inner);
  };
  const server = createServer(
    { cert: await readFile(files.certificate), key: await readFile(files.key) },
    async (incoming, outgoing) => {
      if (await admit(incoming.headers.authorization)) forward(incoming, outgoing);
      else outgoing.writeHead(401).end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: await readFile(files.certificate, 'utf8'),
    callers: () => [...admitted],
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

const PREFIX = 'k8s-aws-v1.';

/**
 * ARN of the one who signed a token of `aws eks get-token`: a call of STS's GetCallerIdentity, signed in its URL. moto tells one service from
 * another by the Authorization header, so the signature goes there.
 * @throws Error for anything else than such a token
 */
async function callerOf(token: string, sts: string): Promise<string> {
  if (!token.startsWith(PREFIX)) throw new Error('not a token of EKS');
  const signed = new URL(Buffer.from(token.slice(PREFIX.length), 'base64url').toString());
  const value = (name: string): string => {
    const found = signed.searchParams.get(name);
    if (found === null) throw new Error(`the token's URL lacks ${name}`);
    return found;
  };
  // Without the cluster's name among the signed headers, the token could be one for another cluster.
  if (!value('X-Amz-SignedHeaders').split(';').includes('x-k8s-aws-id')) throw new Error('for no cluster');
  const answer = await fetch(`${sts}/?Action=${value('Action')}&Version=${value('Version')}`, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${value('X-Amz-Credential')}, SignedHeaders=${value('X-Amz-SignedHeaders')}, Signature=${value('X-Amz-Signature')}`,
      'x-amz-date': value('X-Amz-Date'),
      'x-amz-security-token': value('X-Amz-Security-Token'),
    },
  });
  return /<Arn>([^<]+)<\/Arn>/.exec(await answer.text())?.[1] ?? '';
}
