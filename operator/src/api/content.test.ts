import { RESERVED_HEADERS } from '@s3proxy/proxy/content-config';
import { expect, test } from 'vitest';
import { contentSchema } from './content.ts';

test.each(RESERVED_HEADERS)(
  '%s, which the proxy refuses as an extra header, is refused here already',
  (name) => {
    const parse = (written: string) => contentSchema.safeParse({ headers: [{ name: written, value: 'x' }] });
    expect(parse(name).success).toBe(false);
    expect(parse(name.toUpperCase()).success).toBe(false);
    expect(parse(`x-${name}`).success).toBe(true);
  },
);
