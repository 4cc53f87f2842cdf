import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { freePort, mustRun, type Running, start } from './processes.ts';
import { ACCOUNT, pointName, sandbox } from './sandbox.ts';
import { toolPaths } from './tool-paths.ts';

/** A name for moto, because S3 Control puts the account's number before its endpoint's host, so that an address will not do. */
const NAME = 'moto.test';

/** An AWS of its own: S3, IAM, STS, ECR and EKS, empty at first. */
export interface Moto extends Running {
  url: string;
  /** File with the certificate that it answers with; undefined where it speaks plain HTTP. */
  caFile: string | undefined;
  /** The environment that leads every AWS client there, as an administrator's user. */
  environment: NodeJS.ProcessEnv;
  /** From now on every call needs a policy that allows it; with `false`, none does. */
  enforcePolicies(enforce: boolean): Promise<void>;
}

/**
 * Starts moto on a free port: with TLS, for clients of this machine, or without it at an address that pods reach.
 * The latter takes plain requests for secure ones, as if TLS ended in front of it.
 */
export async function startMoto(plainAddress?: string): Promise<Moto> {
  const port = await freePort();
  const secure = plainAddress === undefined;
  const address = plainAddress ?? '127.0.0.1';
  const scheme = secure ? 'https' : 'http';
  const url = `${scheme}://${address}:${port}`;
  const home = join(sandbox().directory, `moto-${port}`);
  const [certificate, key] = [join(home, 'ca.pem'), join(home, 'key.pem')];
  await makeCertificate(certificate, key, ['127.0.0.1', `${ACCOUNT}.${NAME}`]);
  pointName(`${ACCOUNT}.${NAME}`, address);
  const post = (path: string, body: string) =>
    mustRun('curl', [
      '-sSf',
      '--noproxy',
      '*',
      '--cacert',
      certificate,
      '-H',
      'Content-Type: text/plain',
      '-d',
      body,
      `${url}${path}`,
    ]);

  const running = await start(
    join(toolPaths().pythonBin, 'python'),
    [
      join(import.meta.dirname, 'moto-server.py'),
      ...['-H', address, '-p', String(port)],
      ...(secure ? ['-c', certificate, '-k', key] : []),
    ],
    async () => (await post('/moto-api/reset', '')) !== '',
    { env: { ...process.env, ...(secure ? {} : { ASSUME_TLS: '1' }) } },
  );
  return {
    ...running,
    url,
    caFile: secure ? certificate : undefined,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_S3_CONTROL: `${scheme}://${NAME}:${port}`,
      ...(secure ? { AWS_CA_BUNDLE: certificate } : {}),
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    enforcePolicies: async (enforce) => {
      // The number of calls to let through before.
      await post('/moto-api/reset-auth', enforce ? '0' : 'inf');
    },
  };
}
