import { expect, test } from 'vitest';
import { publishedSums } from './download.ts';

const sum = 'ab'.repeat(32);

test('a lone checksum is the file’s', () => {
  expect(publishedSums(`${sum}\n`, 'kubectl')).toEqual([sum]);
});

test('of a listing, only the file’s own line counts', () => {
  const listing = `${sum}  tool_linux_amd64.tar.gz\n${'cd'.repeat(32)}  tool_linux_arm64.tar.gz\n`;
  expect(publishedSums(listing, 'tool_linux_amd64.tar.gz')).toEqual([sum]);
});

test('an error page names no checksum', () => {
  expect(publishedSums('<html>not found</html>', 'kubectl')).toEqual([]);
});
