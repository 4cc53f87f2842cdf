import { parseXML } from '@aws-sdk/xml-builder';
import * as z from 'zod';
import { encodeQueryComponent } from '../http/percent-encoding.ts';
import type { Operation } from './operation.ts';
import { readText } from './read-text.ts';
import type { StoreClient } from './store-client.ts';
import { StoreError } from './store-error.ts';

/** One line of a directory: a key, or everything below one name. */
export type ListEntry =
  | { kind: 'directory'; name: string }
  | { kind: 'object'; name: string; size: number; lastModified: string };

export interface ListRequest {
  /** Key prefix of the directory, "/" included. */
  prefix: string;
  /** Name after which to begin: the last one of the page before. */
  after: string | undefined;
  /** Entries wanted at most. */
  limit: number;
}

export interface ListPage {
  /** Names are relative to the prefix; a directory's ends in "/". In the store's order, which is by UTF-8 bytes. */
  entries: ListEntry[];
  more: boolean;
}

export interface ObjectLister {
  /** @throws StoreError */
  list(request: ListRequest, operation: Operation): Promise<ListPage>;
}

/** A page of a thousand long keys stays below this many bytes. */
const MAX_DOCUMENT = 8 * 1024 * 1024;

/** Sorts after everything that begins with a directory's name, so that the next page begins behind it. */
const LAST_CHARACTER = '\u{10FFFF}';

const oneOrMany = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item), item.transform((one) => [one])]).default([]);

const documentSchema = z.object({
  ListBucketResult: z.object({
    IsTruncated: z.string().optional(),
    EncodingType: z.string().optional(),
    Contents: oneOrMany(z.object({ Key: z.string(), Size: z.string(), LastModified: z.string() })),
    CommonPrefixes: oneOrMany(z.object({ Prefix: z.string() })),
  }),
});

/** Lists directories by ListObjectsV2. */
export function createObjectLister(client: StoreClient): ObjectLister {
  return {
    async list({ prefix, after, limit }, operation) {
      // One more than wanted, because the marker object of the directory itself is left out.
      const parameters: [string, string][] = [
        ['delimiter', '/'],
        ['encoding-type', 'url'],
        ['list-type', '2'],
        ['max-keys', String(limit + 1)],
        ['prefix', prefix],
      ];
      if (after !== undefined)
        parameters.push(['start-after', prefix + (after.endsWith('/') ? after + LAST_CHARACTER : after)]);
      // SigV4 signs the parameters in this order: by name.
      const query = parameters.map(([name, value]) => `${name}=${encodeQueryComponent(value)}`).join('&');
      const { body } = await client.send({ method: 'GET', path: '/', query }, operation);
      return toPage(await readText(body, MAX_DOCUMENT), prefix, limit);
    },
  };
}

function toPage(xml: string, prefix: string, limit: number): ListPage {
  let parsed: z.output<typeof documentSchema>;
  try {
    parsed = documentSchema.parse(parseXML(xml));
  } catch (cause) {
    throw new StoreError('protocol', 'BadListing', { cause });
  }
  const { Contents, CommonPrefixes, IsTruncated, EncodingType } = parsed.ListBucketResult;
  // Not every store encodes keys as it is asked to; the answer says whether it did.
  const decode = EncodingType === 'url' ? decodeKey : (key: string) => key;
  const all: ListEntry[] = [];
  for (const { Prefix } of CommonPrefixes)
    all.push({ kind: 'directory', name: relative(decode(Prefix), prefix) });
  for (const { Key, Size, LastModified } of Contents) {
    const name = relative(decode(Key), prefix);
    if (name !== '') all.push({ kind: 'object', name, size: Number(Size), lastModified: LastModified });
  }
  all.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return { entries: all.slice(0, limit), more: IsTruncated === 'true' || all.length > limit };
}

/** Percent-encoded as in a form, with "+" for a space. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (cause) {
    throw new StoreError('protocol', 'BadListing', { cause });
  }
}

function relative(key: string, prefix: string): string {
  if (!key.startsWith(prefix)) throw new StoreError('protocol', 'BadListing');
  return key.slice(prefix.length);
}
