import { rm, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

// npm run build [-- operator proxy]: makes dist/NAME.js, one file that needs nothing but Node, and dist/NAME.js.map beside it.
// The images carry the first only; the map is for whoever reads a stack trace.

const repository = resolve(import.meta.dirname, '..');
const PROGRAMS = ['operator', 'proxy'] as const;

type Program = (typeof PROGRAMS)[number];

/** CommonJS packages call `require` for Node's own modules and read `__dirname`; an ES module has neither. */
const COMMONJS_NAMES = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** client-node's modules only declare things, which its package.json does not say: 18 MB of API clients would come along unused. */
const WITHOUT_UNUSED_CLIENTS: Plugin = {
  name: 'without-unused-clients',
  setup({ onResolve, resolve }) {
    const resolving = Symbol('resolving');
    onResolve({ filter: /^\.{1,2}\// }, async ({ path, pluginData, ...from }) => {
      const isTheirs = from.importer.includes(join('@kubernetes', 'client-node', 'dist'));
      if (!isTheirs || pluginData === resolving) return undefined;
      return { ...(await resolve(path, { ...from, pluginData: resolving })), sideEffects: false };
    });
  },
};

/** Bundles one program and everything it imports. @returns path of the bundle @throws Error where an import cannot be resolved */
async function bundle(program: Program): Promise<string> {
  const outfile = join(repository, 'dist', `${program}.js`);
  // A failed build must not leave the last one behind to be taken for its result.
  await rm(outfile, { force: true });
  await build({
    absWorkingDir: repository,
    entryPoints: [join(repository, program, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22.19',
    format: 'esm',
    banner: { js: COMMONJS_NAMES },
    plugins: [WITHOUT_UNUSED_CLIENTS],
    // Not minified: start-up takes the same 160 ms, and Node prints the source line of an uncaught error into the log.
    legalComments: 'eof',
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'warning',
  });
  return outfile;
}

function programsOf(names: readonly string[]): readonly Program[] {
  const unknown = names.filter((name) => !PROGRAMS.some((program) => program === name));
  if (unknown.length > 0) {
    throw new Error(`No such program: ${unknown.join(', ')}. Give any of: ${PROGRAMS.join(', ')}.`);
  }
  return names.length === 0 ? PROGRAMS : PROGRAMS.filter((program) => names.includes(program));
}

try {
  for (const program of programsOf(process.argv.slice(2))) {
    const file = await bundle(program);
    const { size } = await stat(file);
    console.log(`${relative(process.cwd(), file)}  ${Math.round(size / 1024)} KiB`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
