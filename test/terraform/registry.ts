import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { mustRun, type Running, start } from './processes.ts';
import { ECR_HOST, sandbox } from './sandbox.ts';

/** A container registry that answers as ECR's host, with a certificate that Docker trusts inside the sandbox. */
export interface Registry extends Running {
  /** Tags of a repository, as pushed. */
  tags(repository: string): Promise<string[]>;
}

/** Starts `registry` (the Distribution project's) as ECR. With `readOnly` it refuses every push. */
export async function startRegistry(
  program: string,
  options: { readOnly?: boolean } = {},
): Promise<Registry> {
  const { directory, registryAddress } = sandbox();
  const home = join(directory, options.readOnly === true ? 'registry-read-only' : 'registry');
  const trusted = `/etc/docker/certs.d/${ECR_HOST}`;
  await mkdir(home, { recursive: true });
  await makeCertificate(join(trusted, 'ca.crt'), join(home, 'key.pem'), [ECR_HOST]);
  await writeFile(
    join(home, 'config.json'), // JSON is YAML
    JSON.stringify({
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(home, 'data') },
        maintenance: { readonly: { enabled: options.readOnly === true } },
      },
      http: {
        addr: `${registryAddress}:443`,
        tls: { certificate: join(trusted, 'ca.crt'), key: join(home, 'key.pem') },
      },
    }),
  );
  const get = (path: string) =>
    mustRun('curl', [
      '-sSf',
      '--noproxy',
      '*',
      '--cacert',
      join(trusted, 'ca.crt'),
      `https://${ECR_HOST}${path}`,
    ]);
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
