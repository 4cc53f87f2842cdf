import { readFileSync } from 'node:fs';

// Exits with 0 when node_modules holds every package of package-lock.json, by npm's record of its last install.
// Plain JavaScript, for it runs before the project's own Node is known to be there.

/** @param {string} file */
const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

const wanted = packagesOf('package-lock.json');
const present = packagesOf('node_modules/.package-lock.json');
const missing = Object.keys(wanted).filter(
  (path) =>
    path.includes('node_modules/') &&
    // Optional packages are mostly other systems' binaries.
    !(wanted[path].optional && present[path] === undefined) &&
    (wanted[path].version !== present[path]?.version || wanted[path].integrity !== present[path]?.integrity),
);
process.exitCode = missing.length === 0 ? 0 : 1;
