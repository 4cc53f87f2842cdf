import type { Body } from './body.ts';
import { readText } from './read-text.ts';

/** What an S3 error document says, as far as it is used. */
export interface ErrorDocument {
  code: string;
  region: string | undefined;
  /** Size in bytes of the object that a range missed. */
  actualSize: number | undefined;
}

/** Reads the XML body of an S3 error response. A body that is none gives an empty code. */
export function parseErrorDocument(xml: string): ErrorDocument {
  const size = element(xml, 'ActualObjectSize');
  return {
    code: element(xml, 'Code') ?? '',
    region: element(xml, 'Region'),
    actualSize: size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined,
  };
}

/** The elements read here are plain words and numbers, so no entity can occur in them. */
function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<&]*)</${name}>`).exec(xml)?.[1];
}

/** An error document is a few hundred bytes; no more than this is read of one. */
const LARGEST_DOCUMENT = 16_384;

/** Reads an error response to its end, so that the connection can be used again. A body that breaks off says nothing; never rejects. */
export async function readErrorDocument(body: Body): Promise<ErrorDocument> {
  return parseErrorDocument(await readText(body, LARGEST_DOCUMENT).catch(() => ''));
}
