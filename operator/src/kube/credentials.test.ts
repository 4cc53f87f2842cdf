import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Credentials, createConnection } from './connection.ts';
import { inClusterCredentials, ownNamespace } from './in-cluster.ts';
import { kubeconfigCredentials } from './kubeconfig.ts';
import { manualClock } from './testing/manual-clock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterEach(() => rm(directory, { recursive: true }));

const file = (name: string, text: string) => writeFile(join(directory, name), text);

describe('credentials in a cluster', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  it('come from the mounted files, read anew each time', async () => {
    await file('token', 'one\n');
    await file('ca.crt', 'CA');
    await file('namespace', 'ns');
    const source = inClusterCredentials(env, directory);
    expect(source.server.href).toBe('https://[fd00::1]/');
    expect(await source.load(false)).toEqual({ headers: { authorization: 'Bearer one' }, ca: 'CA' });
    await file('token', 'two');
    expect((await source.load(false)).headers.authorization).toBe('Bearer two');
    expect(await ownNamespace(directory)).toBe('ns');
  });

  it('are refused outside of one', async () => {
    expect(() => inClusterCredentials({})).toThrow('not in a cluster');
    expect(await ownNamespace(directory)).toBeUndefined();
  });
});

describe('credentials from a kubeconfig', () => {
  const kubeconfig = (user: string) => `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority-data: Q0E=, tls-server-name: api}}]
users: [{name: u, user: ${user}}]
contexts: [{name: x, context: {cluster: c, user: u}}, {name: broken, context: {cluster: gone, user: u}}]
current-context: x
`;

  const load = async (user: string, renew = false) => {
    await file('config', kubeconfig(user));
    const source = await kubeconfigCredentials({ path: join(directory, 'config') });
    return source.load(renew);
  };

  it('may be a token, a password or a client certificate', async () => {
    expect(await load('{token: abc}')).toMatchObject({
      headers: { authorization: 'Bearer abc' },
      ca: 'CA',
      serverName: 'api',
      skipTlsVerify: false,
    });
    expect((await load('{username: me, password: pw}')).headers.authorization).toBe('Basic bWU6cHc=');
    expect(await load('{client-certificate-data: Q0VSVA==, client-key-data: S0VZ}')).toMatchObject({
      cert: 'CERT',
      key: 'KEY',
    });
  });

  it('may come from a plugin, run again after a refusal', async () => {
    const credential = '{"kind":"ExecCredential","status":{"token":"t-%s"}}';
    const script = `printf '${credential}' "$(cat ${directory}/n)"`;
    await file('n', '1');
    await file('config', kubeconfig(`{exec: {command: sh, args: [-c, ${JSON.stringify(script)}]}}`));
    const source = await kubeconfigCredentials({ path: join(directory, 'config') });
    expect((await source.load(false)).headers.authorization).toBe('Bearer t-1');
    await file('n', '2');
    expect((await source.load(false)).headers.authorization).toBe('Bearer t-1');
    expect((await source.load(true)).headers.authorization).toBe('Bearer t-2');
  });

  it('name the context that is wrong', async () => {
    await file('config', kubeconfig('{token: abc}'));
    const path = join(directory, 'config');
    await expect(kubeconfigCredentials({ path, context: 'y' })).rejects.toThrow(
      'no context "y"; it has: x, broken',
    );
    await expect(kubeconfigCredentials({ path, context: 'broken' })).rejects.toThrow(
      'names no known cluster',
    );
  });
});

describe('a connection', () => {
  it('keeps its sockets while the TLS settings stay and replaces them when certificates rotate', async () => {
    const clock = manualClock();
    let credentials: Credentials = { headers: { authorization: '1' }, cert: 'a' };
    let loads = 0;
    const connection = createConnection(
      {
        server: new URL('https://127.0.0.1:1'),
        load: async () => {
          loads++;
          return credentials;
        },
      },
      { clock },
    );
    const [first, again] = await Promise.all([connection.route(), connection.route()]);
    expect(first).toBe(again);
    expect(loads).toBe(1);
    credentials = { ...credentials, headers: { authorization: '2' } };
    await clock.advance(30_000);
    const second = await connection.route();
    expect(second.calls).toBe(first.calls);
    expect(second.headers.authorization).toBe('2');
    credentials = { ...credentials, cert: 'b' };
    connection.refused();
    const third = await connection.route();
    expect(third.calls).not.toBe(first.calls);
    await connection.close();
    await expect(connection.route()).rejects.toThrow('closed');
  });
});
