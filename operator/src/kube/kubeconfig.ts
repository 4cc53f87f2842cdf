import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { CredentialSource, Credentials } from './connection.ts';

export interface KubeconfigOptions {
  /** Path of the file. Absent: KUBECONFIG, else ~/.kube/config. */
  path?: string | undefined;
  /** Name of the context. Absent: the file's current one. */
  context?: string | undefined;
}

/** What client-node calls the context it makes up when it finds no file, for http://localhost:8080. */
const GUESSED_CONTEXT = 'loaded-context';

type TlsOptions = RequestOptions & { servername?: string; auth?: string };

function pem(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}

async function open({ path, context }: KubeconfigOptions): Promise<KubeConfig> {
  // Loaded on demand, for in a cluster it is never needed; and this module alone, without the package's clients for every API.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  if (config.getCurrentContext() === GUESSED_CONTEXT) {
    throw new Error('no kubeconfig found: set KUBECONFIG, or create ~/.kube/config');
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new Error(`the kubeconfig has no context "${context}"; it has: ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(context);
  }
  return config;
}

async function credentialsFrom(config: KubeConfig): Promise<Credentials> {
  const options: TlsOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  if (options.auth !== undefined && headers.authorization === undefined) {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return {
    headers,
    ca: pem(options.ca),
    cert: pem(options.cert),
    key: pem(options.key),
    passphrase: options.passphrase,
    serverName: options.servername,
    skipTlsVerify: options.rejectUnauthorized === false,
  };
}

/**
 * Credentials from a kubeconfig: client certificates, tokens, token files, exec plugins (aws eks get-token and the like) and OIDC, as
 * `@kubernetes/client-node` reads them. After a 401 the file is read anew and plugins run again.
 * @throws Error when there is no such file or context, or it uses a SOCKS proxy.
 */
export async function kubeconfigCredentials(options: KubeconfigOptions = {}): Promise<CredentialSource> {
  let config = await open(options);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error(`the kubeconfig's context "${config.getCurrentContext()}" names no known cluster`);
  }
  if (cluster.proxyUrl?.startsWith('socks') === true) {
    throw new Error(`the kubeconfig's cluster "${cluster.name}" uses a SOCKS proxy, which is not supported`);
  }
  return {
    server: new URL(cluster.server),
    proxyUrl: cluster.proxyUrl,
    async load(renew) {
      if (renew) config = await open(options);
      return credentialsFrom(config);
    },
  };
}
