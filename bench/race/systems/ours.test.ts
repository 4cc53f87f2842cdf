import { expect, test } from 'vitest';
import { imageEnvironment, nodeOptions } from './ours.ts';

test('the image’s options for Node are those of its last entry point', () => {
  const dockerfile =
    'FROM a\nENTRYPOINT ["sh"]\nFROM b\nENTRYPOINT ["node", "--one", "--two=2", "/app/proxy.mjs"]\n';
  expect(nodeOptions(dockerfile)).toEqual(['--one', '--two=2']);
  expect(nodeOptions('ENTRYPOINT ["node", "/app/proxy.mjs"]')).toEqual([]);
});

test('a Dockerfile that starts something else is refused', () => {
  expect(() => nodeOptions('ENTRYPOINT ["sh", "-c", "node x"]')).toThrow('ENTRYPOINT');
  expect(() => nodeOptions('FROM a\n')).toThrow('ENTRYPOINT');
});

test('the image’s environment is that of its ENV lines', () => {
  expect(imageEnvironment('FROM a\nENV NODE_ENV=production LIMIT=2\nRUN x=y\nENV ONE=1\n')).toEqual({
    NODE_ENV: 'production',
    LIMIT: '2',
    ONE: '1',
  });
});
