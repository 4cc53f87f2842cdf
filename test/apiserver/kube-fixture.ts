import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';

const bin = process.env.KUBE_BIN ?? '/tmp/warm/bin';

async function freePort(): Promise<number> {
  const s = createServer();
  await new Promise<void>((r) => s.listen(0, '127.0.0.1', r));
  const { port } = s.address() as AddressInfo;
  await new Promise((r) => s.close(r));
  return port;
}

export interface Fixture {
  host: string;
  port: number;
  kubeconfig: string;
  client(port?: number): KubeClient;
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** Forgets etcd's history. */
  compact(revision: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startFixture(): Promise<Fixture> {
  const dir = mkdtempSync(join(tmpdir(), 'kubefix-'));
  const [ep, pp, ap] = [await freePort(), await freePort(), await freePort()];
  execFileSync('openssl', ['genrsa', '-out', join(dir, 'sa.key'), '2048'], { stdio: 'ignore' });
  writeFileSync(join(dir, 'tokens.csv'), 'admintoken,admin,admin-uid,system:masters\n');
  const etcd = spawn(
    join(bin, 'etcd'),
    [
      '--unsafe-no-fsync',
      '--data-dir',
      join(dir, 'etcd'),
      '--listen-client-urls',
      `http://127.0.0.1:${ep}`,
      '--advertise-client-urls',
      `http://127.0.0.1:${ep}`,
      '--listen-peer-urls',
      `http://127.0.0.1:${pp}`,
      '--initial-advertise-peer-urls',
      `http://127.0.0.1:${pp}`,
      '--initial-cluster',
      `default=http://127.0.0.1:${pp}`,
    ],
    { stdio: 'ignore' },
  );
  let api: ChildProcess | undefined;
  const fixture: Fixture = {
    host: '127.0.0.1',
    port: ap,
    kubeconfig: join(dir, 'kubeconfig'),
    client(port = ap) {
      return createRestClient({
        userAgent: 'test',
        connection: createConnection({
          server: new URL(`https://127.0.0.1:${port}`),
          load: async () => ({ headers: { authorization: 'Bearer admintoken' }, skipTlsVerify: true }),
        }),
      });
    },
    async startApiServer() {
      api = spawn(
        join(bin, 'kube-apiserver'),
        [
          '--etcd-servers',
          `http://127.0.0.1:${ep}`,
          '--secure-port',
          String(ap),
          '--bind-address',
          '127.0.0.1',
          '--cert-dir',
          join(dir, 'certs'),
          '--service-account-issuer',
          'https://kubernetes.default.svc',
          '--service-account-key-file',
          join(dir, 'sa.key'),
          '--service-account-signing-key-file',
          join(dir, 'sa.key'),
          '--service-cluster-ip-range',
          '10.96.0.0/16',
          '--token-auth-file',
          join(dir, 'tokens.csv'),
          '--authorization-mode',
          'RBAC',
          '--endpoint-reconciler-type',
          'none',
        ],
        { stdio: 'ignore' },
      );
      for (let i = 0; i < 300; i++) {
        try {
          const c = fixture.client();
          await c.getPath('/version', { timeoutMs: 500 });
          await c.list({
            group: '',
            version: 'v1',
            plural: 'namespaces',
            kind: 'Namespace',
            namespaced: false,
          });
          const ready = execFileSync('curl', [
            '-sk',
            '-o',
            '/dev/null',
            '-w',
            '%{http_code}',
            '-H',
            'Authorization: Bearer admintoken',
            `https://127.0.0.1:${ap}/readyz`,
          ]).toString();
          await c.close();
          if (ready === '200') return;
        } catch {}
        await new Promise((r) => setTimeout(r, 200));
      }
      throw new Error('api server not ready');
    },
    async stopApiServer() {
      const p = api;
      api = undefined;
      if (!p) return;
      const gone = new Promise((r) => p.once('exit', r));
      p.kill('SIGKILL');
      await gone;
    },
    async compact(revision) {
      await fetch(`http://127.0.0.1:${ep}/v3/kv/compaction`, {
        method: 'POST',
        body: JSON.stringify({ revision, physical: true }),
      });
    },
    async stop() {
      await fixture.stopApiServer();
      etcd.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await fixture.startApiServer();
  return fixture;
}
