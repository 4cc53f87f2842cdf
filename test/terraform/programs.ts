import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { buildFromModule } from '../../hack/cluster/binaries/build-from-module.ts';
import { architecture, cacheDirectory } from '../../hack/cluster/binaries/cache-directory.ts';
import { withLock } from '../../hack/cluster/binaries/lock.ts';
import type { Tool } from '../../hack/cluster/binaries/tools.ts';
import { say } from '../../hack/cluster/progress.ts';

function hashicorp(name: string, version: string): Tool {
  return { version, module: name, package: `github.com/hashicorp/${name}` };
}

/**
 * Programs that only these tests need. They stand apart from the cluster's, because one of them takes half an hour to build.
 * The modules of both providers are commits of their main branch, soon after the release that the version names.
 */
const PROGRAMS = {
  terraform: hashicorp('terraform', '1.11.4'),
  'terraform-config-inspect': hashicorp('terraform-config-inspect', '20260904'),
  'terraform-provider-aws': hashicorp('terraform-provider-aws', '6.47.1'),
  'terraform-provider-helm': hashicorp('terraform-provider-helm', '3.2.0'),
  tflint: { version: '0.61.0', module: 'tflint', package: 'github.com/terraform-linters/tflint' },
  registry: {
    version: '3.1.2',
    module: 'distribution',
    package: 'github.com/distribution/distribution/v3/cmd/registry',
  },
} as const satisfies Record<string, Tool>;

type ProgramName = keyof typeof PROGRAMS;

/** Version of a program as its table says. */
export function versionOf(name: ProgramName): string {
  return PROGRAMS[name].version;
}

/** Path of a program, built from its pinned Go module unless that was done before. @throws Error that says why it failed */
export async function program(name: ProgramName): Promise<string> {
  const tool: Tool = PROGRAMS[name];
  const path = cacheDirectory('bin', `${name}-${tool.version}-linux-${architecture()}`);
  if (await exists(path)) return path;
  return withLock(`${path}.lock`, async () => {
    if (await exists(path)) return path;
    if (name === 'terraform-provider-aws') {
      say('the AWS provider is built once: it takes half an hour on two cores, and 9 GB of memory');
    }
    await mkdir(cacheDirectory('bin'), { recursive: true });
    const draft = `${path}.${process.pid}`;
    try {
      await buildFromModule(name, tool, draft);
      await chmod(draft, 0o755);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return path;
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
