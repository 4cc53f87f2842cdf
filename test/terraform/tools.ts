import { access, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { architecture, cacheDirectory } from '../../hack/cluster/binaries/cache-directory.ts';
import { isReachable } from '../../hack/cluster/binaries/download.ts';
import { withLock } from '../../hack/cluster/binaries/lock.ts';
import { command, isOnPath } from '../../hack/cluster/command.ts';
import { say, step } from '../../hack/cluster/progress.ts';
import { program, versionOf } from './programs.ts';

/** The programs that the tests use, as paths. */
export interface Tools {
  terraform: string;
  tflint: string;
  /** Lists a module's variables and outputs. */
  inspect: string;
  registry: string;
  /** Directory with `aws`, and `python` for which moto is installed. */
  pythonBin: string;
  /** Terraform CLI configuration that serves the providers from a local directory; undefined where the public registry is in reach. */
  cliConfig: string | undefined;
}

/** Finds or makes every program. Says what takes long. @throws Error that names what is missing and what to do */
export async function prepareTools(): Promise<Tools> {
  const inReach = await isReachable('https://registry.terraform.io');
  if (!inReach) say('the public Terraform registry is out of reach: the providers come from Go modules');
  return {
    terraform: await terraform(),
    tflint: await program('tflint'),
    inspect: await program('terraform-config-inspect'),
    registry: await program('registry'),
    pythonBin: await pythonPrograms(),
    cliConfig: inReach ? undefined : await providerMirror(),
  };
}

async function terraform(): Promise<string> {
  if (!(await isOnPath('terraform'))) return await program('terraform');
  const { terraform_version: version }: { terraform_version: string } = JSON.parse(
    await command('terraform', ['version', '-json'], {
      env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null' },
    }),
  );
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 1 || (major === 1 && minor >= 11)) {
    return (await command('sh', ['-c', 'command -v terraform'])).trim();
  }
  say(`Terraform ${version} is on PATH; 1.11 or later is needed`);
  return await program('terraform');
}

/** A virtual environment with moto and the AWS CLI. */
async function pythonPrograms(): Promise<string> {
  const requirements = join(import.meta.dirname, 'requirements.txt');
  const environment = cacheDirectory('terraform', 'python');
  const marker = join(environment, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  return await withLock(`${environment}.lock`, async () => {
    if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return join(environment, 'bin');
    await rm(environment, { recursive: true, force: true });
    await step('installing moto and the AWS CLI', async () => {
      await command('python3', ['-m', 'venv', environment]);
      await command(join(environment, 'bin/pip'), ['install', '--quiet', '--requirement', requirements]);
    });
    await writeFile(marker, wanted);
    return join(environment, 'bin');
  });
}

/** Both providers, laid out as Terraform's filesystem_mirror wants them. */
async function providerMirror(): Promise<string> {
  const mirror = cacheDirectory('terraform', 'mirror');
  for (const provider of ['aws', 'helm'] as const) {
    const built = await program(`terraform-provider-${provider}`);
    const version = versionOf(`terraform-provider-${provider}`);
    const served = join(
      mirror,
      `registry.terraform.io/hashicorp/${provider}/${version}/linux_${architecture()}`,
      `terraform-provider-${provider}_v${version}`,
    );
    await mkdir(dirname(served), { recursive: true });
    // One file under two names, for these are large.
    await access(served).catch(() => link(built, served));
  }
  const cliConfig = cacheDirectory('terraform', 'terraform.rc');
  await writeFile(
    cliConfig,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  return cliConfig;
}
