import { command, isOnPath } from '../../hack/cluster/command.ts';
import { step } from '../../hack/cluster/progress.ts';

/** What these tests need of the machine besides what a node needs: a check, and the Debian package that mends it. */
const NEEDED: readonly { met: () => Promise<boolean>; package: string }[] = [
  { met: () => isOnPath('openssl'), package: 'openssl' },
  { met: () => isOnPath('curl'), package: 'curl' },
  { met: () => isOnPath('git'), package: 'git' },
  {
    met: () =>
      command('python3', ['-c', 'import ensurepip, venv']).then(
        () => true,
        () => false,
      ),
    package: 'python3-venv',
  },
];

/** Installs what is missing, on Debian and Ubuntu. @throws Error that names the missing packages */
export async function ensureTestPrerequisites(): Promise<void> {
  const missing: string[] = [];
  for (const { met, package: name } of NEEDED) if (!(await met())) missing.push(name);
  if (missing.length === 0) return;
  if (!(await isOnPath('apt-get')))
    throw new Error(`Missing on this machine: ${missing.join(', ')}. Install them.`);
  await step(`installing system packages: ${missing.join(' ')}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await command('apt-get', ['update'], { env });
    await command('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env });
  });
}
