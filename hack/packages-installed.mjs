import { readFileSync } from 'node:fs';

// Exits with 0 when node_modules holds every package of package-lock.json that this machine needs, by npm's own record of
// its last install. Plain JavaScript, for any Node may be asked to run it.

/** @param {string} file */
const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

const wanted = packagesOf('package-lock.json');
const present = packagesOf('node_modules/.package-lock.json');

/** npm may leave an optional package out; it is needed all the same where it is made for this very machine. */
const isNeeded = ({ optional = false, os, cpu, libc }) =>
  !optional ||
  (os?.includes(process.platform) &&
    cpu?.includes(process.arch) &&
    (libc === undefined || libc.includes('glibc')));

const missing = Object.keys(wanted).filter(
  (path) =>
    path.includes('node_modules/') &&
    (present[path] !== undefined || isNeeded(wanted[path])) &&
    (wanted[path].version !== present[path]?.version || wanted[path].integrity !== present[path]?.integrity),
);
if (missing.length > 0) console.error(`not installed: ${missing.join(', ')}`);
process.exitCode = missing.length === 0 ? 0 : 1;
