import type { Body } from './body.ts';

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

/** Reads an error response to its end, so that the connection can be used again, and never rejects. */
export function readErrorDocument(body: Body): Promise<ErrorDocument> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = () => resolve(parseErrorDocument(Buffer.concat(chunks).toString('utf8')));
    body.pipe({
      write(chunk) {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= LARGEST_DOCUMENT) return true;
        body.cancel();
        finish();
        return false;
      },
      end: finish,
      fail: finish,
    });
  });
}
