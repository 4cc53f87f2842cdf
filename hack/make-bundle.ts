import { join } from 'node:path';
import { command } from './cluster/command.ts';

const REPOSITORY = join(import.meta.dirname, '..');

/** Makes one program's bundle, as `npm run build` does. @returns its path */
export async function makeBundle(program: 'operator' | 'proxy'): Promise<string> {
  await command(process.execPath, [join(REPOSITORY, 'hack', 'bundle.ts'), program], { cwd: REPOSITORY });
  return join(REPOSITORY, 'dist', `${program}.js`);
}
