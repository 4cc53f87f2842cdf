import { expect, test } from 'vitest';
import { type ContentConfigInput, contentConfigSchema, RESERVED_HEADERS } from './content-config.ts';

const faults = (config: unknown) =>
  contentConfigSchema
    .safeParse(config)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

test.each<[ContentConfigInput | Record<string, unknown>, string]>([
  [{ indexDocument: 'a/b' }, 'indexDocument: must be a file name without "/"'],
  [{ errorDocument: '/404.html' }, 'errorDocument: must not begin with "/"'],
  [{ cacheControl: [{ match: '**', value: 'a\r\nb: c' }] }, 'cacheControl.0.value: must be printable ASCII'],
  [{ cors: { allowOrigins: ['a.example'] } }, 'cors.allowOrigins.0: must be "*" or scheme://host[:port]'],
  [
    { cors: { allowOrigins: ['https://a.example/'] } },
    'cors.allowOrigins.0: must be "*" or scheme://host[:port]',
  ],
  [
    { cors: { allowOrigins: ['*'], allowCredentials: true } },
    'cors.allowOrigins: allowCredentials needs named origins instead of "*"',
  ],
  [{ headers: [{ name: 'a b', value: 'c' }] }, 'headers.0.name: must be a header name'],
  [{ metadata: ['Author'] }, 'metadata.0: must be a metadata name in lower case, without x-amz-meta-'],
  [{ unheard: true }, ': Unrecognized key: "unheard"'],
])('%o is told as a fault', (config, fault) => {
  expect(faults(config)).toContain(fault);
});

test.each(RESERVED_HEADERS)('the header %s is the proxy’s own, however it is written', (name) => {
  for (const written of [name, name.toUpperCase()])
    expect(faults({ headers: [{ name: written, value: 'x' }] })).toEqual([
      'headers.0.name: is set by the proxy itself',
    ]);
});
