import fc from 'fast-check';
import { expect, test } from 'vitest';
import { s3proxyObject } from '../../resources/testing/s3proxy.ts';
import { parseS3Proxy } from '../parse.ts';
import { invalidValues, leafValues, specLeaves, specsWith, withLeaf } from './leaves.ts';

test.each(specLeaves().map((leaf) => [leaf.path, leaf] as const))(
  '%s: the operator itself refuses what the schema refuses',
  (path, leaf) => {
    const [spec] = fc.sample(specsWith(leaf, fc.oneof(...leafValues(leaf))), 1);
    if (spec === undefined) throw new Error('no spec');
    for (const [breaks, value] of invalidValues(leaf)) {
      const parsed = parseS3Proxy(s3proxyObject(withLeaf(spec, leaf, value)));
      const faults = parsed.ok ? [] : parsed.faults.map((fault) => fault.path);
      expect(
        faults.some((fault) => fault.startsWith(path)),
        `${breaks}: ${JSON.stringify(value)}`,
      ).toBe(true);
    }
  },
);
