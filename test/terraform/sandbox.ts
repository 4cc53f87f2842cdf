import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The account that moto plays. */
export const ACCOUNT = '123456789012';
/** The region of the vars file. */
export const REGION = 'eu-west-1';

/**
 * Runs a command in mount and process namespaces of its own.
 *
 * Mount: the tests need host names (ECR's, and the one S3 Control makes of its endpoint) and a certificate that is trusted for
 * the first. They are written to a layer over /etc; the machine's own stays as it is. Process: whatever the command starts dies
 * with it, even when this process is killed outright.
 *
 * @returns the command's exit code; 1 when a signal ended it
 * @throws Error when the namespaces cannot be made (not root)
 */
export async function runInSandbox(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The Terraform tests need namespaces of their own: run them as root, for example with sudo.',
    );
  }
  const directory = mkdtempSync(join(tmpdir(), 's3proxy-terraform-'));
  // An address of its own in 127.0.0.0/8, so that port 443 is free whatever else runs here.
  const registryAddress = `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
  mkdirSync(join(directory, 'etc'));
  mkdirSync(join(directory, 'work'));
  // A file of the layer from the start: the machine's own may be a mount, which the layer does not show.
  writeFileSync(join(directory, 'etc/hosts'), readFileSync('/etc/hosts'));
  const setUp =
    'mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/etc,workdir=$0/work" /etc && exec "$@"';

  const child = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child=SIGKILL',
      'sh',
      '-c',
      setUp,
      directory,
      ...command,
    ],
    {
      stdio: 'inherit',
      env: { ...environment, SANDBOX_DIR: directory, SANDBOX_REGISTRY_ADDRESS: registryAddress },
    },
  );
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', forward);
    process.off('SIGTERM', forward);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What runInSandbox told this process. @throws Error outside of a sandbox */
export function sandbox(): { directory: string; registryAddress: string } {
  const directory = process.env.SANDBOX_DIR;
  const registryAddress = process.env.SANDBOX_REGISTRY_ADDRESS;
  if (directory === undefined || registryAddress === undefined) {
    throw new Error('These tests run in a sandbox: start them with "npm run test:terraform".');
  }
  return { directory, registryAddress };
}

/** Leads a host name to an address, for every program in the sandbox from now on. */
export function pointName(host: string, address: string): void {
  // Never outside, where the file is the machine's.
  sandbox();
  const others = readFileSync('/etc/hosts', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.split(/\s+/).includes(host));
  writeFileSync('/etc/hosts', `${[...others, `${address} ${host}`].join('\n')}\n`);
}
