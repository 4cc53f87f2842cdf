import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from './files.ts';
import { withGenerated } from './generated-part.ts';

const repository = resolve(import.meta.dirname, '../..');

test.each(await generatedFiles(repository))(
  '$path is what $source makes of it; if not, run "npm run generate"',
  async ({ path, content }) => {
    expect(await readFile(join(repository, path), 'utf8')).toBe(content);
  },
);

test('a page without its marks is refused', () => {
  expect(() => withGenerated('# Page\n', 'part')).toThrow(/lacks/);
});
