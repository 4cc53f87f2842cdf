import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { mustRun, type Running, start } from './processes.ts';
import { ACCOUNT, pointName, REGION, sandbox } from './sandbox.ts';

/** ECR's name for the account and region of the tests. */
export const ECR_HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

/** Where Docker looks for whom to trust for that name. */
const CERTIFICATE = `/etc/docker/certs.d/${ECR_HOST}/ca.crt`;
/** Where everything else does, containerd among it. */
const AUTHORITIES = '/etc/ssl/certs/s3proxy-terraform-tests.pem';

/** A container registry that answers as ECR's host, with a certificate that is trusted inside the sandbox. */
export interface Registry extends Running {
  /** Tags of a repository, as pushed. */
  tags(repository: string): Promise<string[]>;
}

/**
 * Makes the registry's certificate, once for a sandbox, and has it trusted. A container runtime reads only once whom it trusts, so this comes
 * before the start of a node that is to pull from the registry.
 * @returns path of the key
 */
export async function trustRegistry(): Promise<string> {
  const key = join(sandbox().directory, 'registry-key.pem');
  if (!existsSync(key)) {
    await makeCertificate(CERTIFICATE, key, [ECR_HOST]);
    await mkdir(dirname(AUTHORITIES), { recursive: true });
    await copyFile(CERTIFICATE, AUTHORITIES);
  }
  return key;
}

/**
 * Starts `registry` (the Distribution project's) as ECR, empty.
 * @param options.readOnly it refuses every push
 * @param options.address where it listens, on port 443; by default an address of the machine's loopback network
 */
export async function startRegistry(
  program: string,
  options: { readOnly?: boolean; address?: string } = {},
): Promise<Registry> {
  const { directory, registryAddress } = sandbox();
  const address = options.address ?? registryAddress;
  const home = await mkdtemp(join(directory, 'registry-'));
  const key = await trustRegistry();
  pointName(ECR_HOST, address);
  await writeFile(
    join(home, 'config.json'), // JSON is YAML
    JSON.stringify({
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(home, 'data') },
        maintenance: { readonly: { enabled: options.readOnly === true } },
      },
      http: { addr: `${address}:443`, tls: { certificate: CERTIFICATE, key } },
    }),
  );
  const get = (path: string) =>
    mustRun('curl', ['-sSf', '--noproxy', '*', '--cacert', CERTIFICATE, `https://${ECR_HOST}${path}`]);
  const running = await start(
    program,
    ['serve', join(home, 'config.json')],
    async () => (await get('/v2/')) !== '',
  );
  return {
    ...running,
    tags: async (repository) => {
      const listing: { tags?: string[] | null } = JSON.parse(await get(`/v2/${repository}/tags/list`));
      return listing.tags ?? [];
    },
  };
}
