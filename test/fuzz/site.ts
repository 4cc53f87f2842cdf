import { randomBytes } from 'node:crypto';

/** What is in the bucket. All of it is known to this test alone. */
export interface Site {
  bucket: string;
  /** Key prefix that is published. */
  prefix: string;
  /** Bodies by key. */
  objects: ReadonlyMap<string, Buffer>;
  /** Request paths that lead to something, and those that would, were they not below another prefix. */
  paths: readonly string[];
  /** What no answer may hold: names and bodies below the other prefix, and what is the store's own. */
  secrets: readonly string[];
}

const PUBLIC = [
  'index.html',
  'known.txt',
  'a b.txt',
  'ü.txt',
  'dir/index.html',
  'dir/photo.png',
  'a//b',
  'x%2fy',
  'empty',
  'b.txt.gz',
];

/** A bucket whose names and secret bodies nobody can guess. */
export function createSite(): Site {
  const bucket = `bucket-${randomBytes(10).toString('hex')}`;
  const prefix = 'public/';
  const secretBody = `secret-body-${randomBytes(10).toString('hex')}`;
  const secretName = `secret-name-${randomBytes(10).toString('hex')}`;
  const objects = new Map<string, Buffer>();
  for (const name of PUBLIC) {
    const body = name === 'empty' ? '' : `body of ${name}\n`.repeat(20);
    objects.set(prefix + name, Buffer.from(body));
  }
  // The first can be asked for by name, so its body tells; the second can only be found by listing what is there.
  objects.set('private/known.txt', Buffer.from(secretBody));
  objects.set(`private/${secretName}`, Buffer.from(secretBody));
  objects.set('publicly.txt', Buffer.from(secretBody));
  const encode = (key: string) => `/${key.split('/').map(encodeURIComponent).join('/')}`;
  return {
    bucket,
    prefix,
    objects,
    paths: [
      ...PUBLIC.map(encode),
      ...[
        '/',
        '/dir/',
        '/dir',
        '/../private/known.txt',
        '/%2e%2e/private/known.txt',
        '/..%2fprivate/known.txt',
      ],
      ...[
        '/private/known.txt',
        '//private/known.txt',
        '/dir/..%2f..%2f../private/known.txt',
        '/ly.txt',
        '/..ly.txt',
        '/\\..\\private\\known.txt',
      ],
    ],
    secrets: [bucket, secretBody, secretName],
  };
}
