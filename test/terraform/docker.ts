import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../hack/cluster/binaries/cache-directory.ts';
import { command } from '../../hack/cluster/command.ts';
import { baseImages } from '../../hack/cluster/images/base-image.ts';
import type { Docker as DockerCommand } from '../../hack/cluster/images/docker-engine.ts';
import { type Running, run, start } from './processes.ts';
import { sandbox } from './sandbox.ts';

/** A Docker of its own, in the sandbox: it knows ECR's host name and trusts its certificate. */
export interface Docker extends Running {
  /** What leads the docker command there. */
  environment: NodeJS.ProcessEnv;
  /** Terraform's variables for builds here: base images, and the machine's own network and authorities. */
  variables: { image_build_args: Record<string, string>; image_build_options: string[] };
  /** Removes the image and fetches it from its registry again. */
  pull(reference: string): Promise<void>;
  /** Makes an image with next to nothing in it, for a processor; its reference. */
  emptyImage(architecture: string): Promise<string>;
  /** The processor that an image is for. */
  architecture(reference: string): Promise<string>;
  /** Runs an image without any setting, which must fail; what it said. */
  failure(reference: string): Promise<string>;
}

/** Debian's client has BuildKit in itself; another one, first on PATH, may be without. */
const DEBIAN_BIN = '/usr/bin';

/** Starts dockerd. Its layers stay in the cache between runs. */
export async function startDocker(): Promise<Docker> {
  const home = join(sandbox().directory, 'docker');
  const host = `unix://${join(home, 'docker.sock')}`;
  await mkdir(home, { recursive: true });
  const environment: NodeJS.ProcessEnv = {
    DOCKER_HOST: host,
    DOCKER_BUILDKIT: '1',
    PATH: `${DEBIAN_BIN}:${process.env.PATH ?? ''}`,
    // Where a login would be left.
    DOCKER_CONFIG: home,
  };
  const env = { ...process.env, ...environment };
  const docker: DockerCommand = (args, options = {}) =>
    command('docker', args, { timeoutMs: 300_000, ...options, env: { ...env, ...options.env } });

  const running = await start(
    'dockerd',
    [
      // No bridge and no rules in the machine's firewall: builds use the machine's network.
      ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--host', host],
      ...['--data-root', cacheDirectory('terraform', 'docker'), '--exec-root', join(home, 'exec')],
      ...['--pidfile', join(home, 'pid')],
    ],
    async () => (await docker(['version'])) !== '',
    { env },
  );
  const { base, build } = await baseImages(docker);
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  const npmrc = join(process.env.HOME ?? '/root', '.npmrc');
  const hasNpmrc = await access(npmrc).then(
    () => true,
    () => false,
  );
  return {
    ...running,
    environment,
    variables: {
      image_build_args: {
        BASE_IMAGE: base,
        BUILD_IMAGE: build,
        ...(process.env.NPM_CONFIG_REGISTRY !== undefined && {
          NPM_CONFIG_REGISTRY: process.env.NPM_CONFIG_REGISTRY,
        }),
        ...(authorities !== undefined && { NODE_EXTRA_CA_CERTS: '/run/secrets/ca' }),
      },
      image_build_options: [
        '--network=host',
        ...(hasNpmrc ? [`--secret=id=npmrc,src=${npmrc}`] : []),
        ...(authorities === undefined ? [] : [`--secret=id=ca,src=${authorities}`]),
      ],
    },
    pull: async (reference) => {
      await docker(['image', 'rm', '--force', reference]);
      await docker(['pull', reference]);
    },
    emptyImage: async (architecture) => {
      const reference = `empty:${architecture}`;
      await docker(['build', '--platform', `linux/${architecture}`, '--tag', reference, '-'], {
        // An image of no layers at all cannot be built upon.
        input: 'FROM scratch\nWORKDIR /empty\n',
      });
      return reference;
    },
    architecture: async (reference) =>
      (await docker(['image', 'inspect', '--format', '{{.Architecture}}', reference])).trim(),
    failure: async (reference) => {
      const { stdout, stderr } = await run('docker', ['run', '--rm', '--network=none', reference], { env });
      return stdout + stderr;
    },
  };
}
