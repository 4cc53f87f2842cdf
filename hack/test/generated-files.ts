import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

// Runs the generators and fails when a committed file is not what they write. The new files are left in place.

/** Where generated files live; what is not generated there does not change. */
const PLACES = ['crds', 'chart/templates/crd.yaml'];

const before = contents();
const generated = spawnSync('npm', ['run', '--silent', 'generate'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (generated.status === 0) {
  const after = contents();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
  if (changed.length > 0) {
    console.error(
      `Generated files were out of date: ${changed.join(', ')}. They are written anew; commit them.`,
    );
    process.exitCode = 1;
  }
} else {
  console.error('npm run generate failed.');
  process.exitCode = 1;
}

/** The text of every file, by path. */
function contents(): Map<string, string> {
  return new Map(PLACES.flatMap(filesUnder).map((file) => [file, readFileSync(file, 'utf8')]));
}

function filesUnder(place: string): string[] {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [place];
  return readdirSync(place).flatMap((name) => filesUnder(join(place, name)));
}
