import { describe, expect, test } from 'vitest';
import { openApiSchema } from '../../operator/src/api/crd.ts';
import { apiReference } from './api-reference.ts';

const page = apiReference(openApiSchema());

/** The row of a field, as its cells. */
function row(section: string, field: string): string[] | undefined {
  const [, after = ''] = page.split(`\n## ${section}\n`);
  const [own = ''] = after.split('\n## ');
  const line = own
    .split('\n')
    .find((each) => each.startsWith(`| \`${field}\``) || each.startsWith(`| [\`${field}\``));
  return line?.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
}

describe('the API reference', () => {
  test.each([
    ['spec', 'replicas', 'integer', '`1`', /Number of proxy pods.* 0 to 1000\.$/],
    ['spec.bucket', 'name', 'string', '**required**', /Name of the bucket.* Rule: .*adjacent periods\./],
    ['spec.auth.basic', 'enforcement', '`Proxy`, `Ingress`', '`"Proxy"`', /Who asks for the password/],
    ['spec.cache', 'memory', 'integer or string', '`"64Mi"`', /Memory for cached objects/],
    ['spec.ingress', 'annotations', 'map of string', '', /configuration snippets/],
    ['spec.content', 'metadata', 'list of string', '`[]`', /User metadata/],
    ['status', 'tlsNotAfter', 'time (RFC 3339)', '', /expires/],
  ])('%s has %s: %s, %s', (section, field, type, byDefault, text) => {
    expect(row(section, field)).toEqual([expect.any(String), type, byDefault, expect.stringMatching(text)]);
  });

  test('has a section for objects in lists, and links that lead to sections', () => {
    expect(row('spec.podTemplate.tolerations[]', 'operator')?.[2]).toBe('`"Equal"`');
    const anchors = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) =>
      (heading ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, ''),
    );
    const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, target]) => target);
    expect(links.length).toBeGreaterThan(20);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  test('tells the rules across fields', () => {
    expect(page).toContain('- host is required while the Ingress is enabled');
  });
});
