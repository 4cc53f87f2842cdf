// Completes package-lock.json after `npm install` on a registry that lacks some platforms' packages: npm then leaves them out
// of the lock file and `npm ci` refuses it, everywhere. Such a package is optional and pinned by the one that names it, so its
// entry can be written from that. With --check, only says what is missing and exits with 1.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = [];

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const entry = `node_modules/${name}`;
    const platform = /-(android|darwin|linux|win32)-(arm64|x64)(-musl)?$/.exec(name);
    if (platform === null || !/^\d+\.\d+\.\d+$/.test(version) || lock.packages[entry] !== undefined) continue;
    const [, os, cpu, musl] = platform;
    lock.packages[entry] = {
      version,
      cpu: [cpu],
      ...(dev === true && { dev: true }),
      ...(os === 'linux' && { libc: [musl === undefined ? 'glibc' : 'musl'] }),
      optional: true,
      os: [os],
    };
    added.push(`${name}@${version}`);
  }
}

if (added.length > 0 && process.argv.includes('--check')) {
  console.error(
    `package-lock.json lacks ${added.join(', ')}: run "node hack/complete-lock.mjs" and commit it`,
  );
  process.exitCode = 1;
} else if (added.length > 0) {
  const packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(`added ${added.join(', ')}`);
}
