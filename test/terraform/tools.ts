import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { run } from './processes.ts';

const repository = resolve(import.meta.dirname, '../..');
const modules = join(repository, 'hack/cluster/modules');
const cache = join(repository, '.cache/terraform');

/** The programs that the tests use, as paths. */
export interface Tools {
  terraform: string;
  tflint: string;
  /** Lists a module's variables and outputs. */
  inspect: string;
  registry: string;
  /** Directory with `aws` and `moto_server`. */
  pythonBin: string;
  /** Terraform CLI configuration that serves the providers from a local directory; undefined where the public registry is in reach. */
  cliConfig: string | undefined;
}

const MINUTES = 60_000;

/** Programs built from pinned Go modules, with the time a first build takes on two cores. */
const programs = {
  terraform: { package: 'github.com/hashicorp/terraform', about: '4 minutes' },
  tflint: { package: 'github.com/terraform-linters/tflint', about: '1 minute' },
  distribution: { package: 'github.com/distribution/distribution/v3/cmd/registry', about: '2 minutes' },
  'terraform-config-inspect': { package: 'github.com/hashicorp/terraform-config-inspect', about: '10 seconds' },
  'terraform-provider-aws': {
    package: 'github.com/hashicorp/terraform-provider-aws',
    about: '15 to 40 minutes and 9 GB of memory',
  },
  'terraform-provider-helm': { package: 'github.com/hashicorp/terraform-provider-helm', about: '2 minutes' },
} as const;

/** The versions that those modules are: both are commits of the providers' main branch, after these releases. */
const providerVersions = { aws: '6.47.1', helm: '3.2.0' } as const;

/** Finds or makes every program. Says on standard output what takes long. @throws Error that names what is missing and what to do */
export async function prepareTools(): Promise<Tools> {
  mkdirSync(cache, { recursive: true });
  return {
    terraform: await terraform(),
    tflint: onPath('tflint') ?? (await goProgram('tflint')),
    inspect: await goProgram('terraform-config-inspect'),
    registry: await goProgram('distribution'),
    pythonBin: await pythonPrograms(),
    cliConfig: (await registryInReach()) ? undefined : await providerMirror(),
  };
}

/** The first program of that name on PATH. */
export function onPath(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((candidate) => existsSync(candidate));
}

async function terraform(): Promise<string> {
  const found = onPath('terraform');
  if (found !== undefined) {
    const { stdout } = await run(found, ['version', '-json']);
    const version: { terraform_version?: string } = JSON.parse(stdout === '' ? '{}' : stdout);
    const [major = 0, minor = 0] = (version.terraform_version ?? '0.0').split('.').map(Number);
    if (major > 1 || (major === 1 && minor >= 11)) return found;
    say(`${found} is version ${version.terraform_version}; 1.11 or later is needed`);
  }
  return await goProgram('terraform');
}

/** Builds a program from its pinned Go module unless that was done before; its path. */
export async function goProgram(name: keyof typeof programs): Promise<string> {
  const directory = join(modules, name);
  const program = join(cache, 'bin', name);
  const wanted = digest(readFileSync(join(directory, 'go.mod')), readFileSync(join(directory, 'go.sum')));
  if (readMarker(program) === wanted && existsSync(program)) return program;
  const go = need('go', 'Install Go 1.26 or later: https://go.dev/doc/install');
  say(`building ${name} from pinned Go modules (the first time ${programs[name].about} on two cores)`);
  await must(go, ['build', '-trimpath', '-ldflags', '-s -w', '-o', program, programs[name].package], {
    cwd: directory,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    timeoutMs: 90 * MINUTES,
  });
  writeMarker(program, wanted);
  return program;
}

/** A virtual environment with moto and the AWS CLI. */
async function pythonPrograms(): Promise<string> {
  const requirements = join(import.meta.dirname, 'requirements.txt');
  const environment = join(cache, 'python');
  const wanted = digest(readFileSync(requirements));
  if (readMarker(environment) !== wanted) {
    const python = need('python3', 'Install Python 3.10 or later with venv (Debian: apt-get install python3-venv)');
    say('installing moto and the AWS CLI into a virtual environment');
    await rm(environment, { recursive: true, force: true });
    await must(python, ['-m', 'venv', environment], { timeoutMs: 5 * MINUTES });
    await must(join(environment, 'bin/pip'), ['install', '--quiet', '--requirement', requirements], {
      timeoutMs: 15 * MINUTES,
    });
    writeMarker(environment, wanted);
  }
  return join(environment, 'bin');
}

async function registryInReach(): Promise<boolean> {
  try {
    const answer = await fetch('https://registry.terraform.io/.well-known/terraform.json', {
      signal: AbortSignal.timeout(5_000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Both providers, laid out as Terraform's filesystem_mirror wants them. */
async function providerMirror(): Promise<string> {
  const mirror = join(cache, 'mirror');
  const system = `${platform()}_${{ x64: 'amd64', arm64: 'arm64' }[arch() as string] ?? arch()}`;
  for (const provider of ['aws', 'helm'] as const) {
    const built = await goProgram(`terraform-provider-${provider}`);
    const version = providerVersions[provider];
    const served = join(
      mirror,
      `registry.terraform.io/hashicorp/${provider}/${version}/${system}/terraform-provider-${provider}_v${version}`,
    );
    mkdirSync(dirname(served), { recursive: true });
    if (readMarker(served) !== readMarker(built) || !existsSync(served)) {
      await rm(served, { force: true });
      await copyFile(built, served);
      writeMarker(served, readMarker(built) ?? '');
    }
  }
  const cliConfig = join(cache, 'terraformrc');
  writeFileSync(
    cliConfig,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  return cliConfig;
}

async function must(...parameters: Parameters<typeof run>): Promise<void> {
  const { code, stdout, stderr } = await run(...parameters);
  if (code !== 0) throw new Error(`${parameters[0]} ${parameters[1].join(' ')} failed:\n${stdout}${stderr}`);
}

function need(name: string, advice: string): string {
  const found = onPath(name);
  if (found === undefined) throw new Error(`${name} was not found on PATH. ${advice}`);
  return found;
}

// A marker beside a result says from what it was made. In Terraform's mirror no other file may lie beside the program.
const markerOf = (path: string) => join(cache, 'markers', digest(Buffer.from(path)));

function readMarker(path: string): string | undefined {
  return existsSync(markerOf(path)) ? readFileSync(markerOf(path), 'utf8') : undefined;
}

function writeMarker(path: string, value: string): void {
  mkdirSync(dirname(markerOf(path)), { recursive: true });
  writeFileSync(markerOf(path), value);
}

function digest(...contents: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex');
}

function say(message: string): void {
  console.log(`terraform tests: ${message}`);
}
