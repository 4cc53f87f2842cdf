import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import mime from 'mime-types';
import Negotiator from 'negotiator';
import type { ContentPolicy } from './policy.ts';

/** One stored object that can stand for what was asked for. */
export interface Candidate {
  key: string;
  /** Content coding of a precompressed variant, with the media type of what it decodes to if its name tells. */
  variant: { encoding: string; contentType: string | undefined } | undefined;
}

const SUFFIX: Readonly<Record<string, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' };

/** Negotiator's own declarations lack the second parameter: our order among encodings that the client likes equally. */
interface EncodingNegotiator {
  encodings(available: string[], options: { preferred: string[] }): string[];
}

/** A variant that was not there is not looked for again for this long (milliseconds). */
const MISS_TTL_MS = 60_000;

/** Chooses precompressed variants by Accept-Encoding (RFC 9110 §12.5.3) and remembers which do not exist. */
export class Variants {
  readonly #policy: ContentPolicy;
  readonly #missing = new LRUCache<string, true>({ max: 20_000, ttl: MISS_TTL_MS });

  constructor(policy: ContentPolicy) {
    this.#policy = policy;
  }

  /** What to try for a path, best first; the plain object comes last. */
  candidates(path: string, key: string, headers: IncomingHttpHeaders): Candidate[] {
    const plain = { key, variant: undefined };
    const { precompressed } = this.#policy.config;
    if (!precompressed || headers['accept-encoding'] === undefined || !this.#policy.isPrecompressed(path)) {
      return [plain];
    }
    const negotiator: EncodingNegotiator = new Negotiator({ headers });
    const accepted = negotiator.encodings([...precompressed.encodings, 'identity'], {
      preferred: precompressed.encodings,
    });
    const candidates: Candidate[] = [];
    for (const encoding of accepted) {
      // What the client likes less than the plain object is no improvement.
      if (encoding === 'identity') break;
      const suffix = SUFFIX[encoding];
      if (suffix === undefined || this.#missing.has(key + suffix)) continue;
      const contentType = mime.contentType(lastExtension(path)) || undefined;
      candidates.push({ key: key + suffix, variant: { encoding, contentType } });
    }
    return [...candidates, plain];
  }

  /** The store does not have this variant. */
  rememberMissing(key: string): void {
    this.#missing.set(key, true);
  }
}

/** `.css` of `a/b.min.css`; a name without a dot has none. */
function lastExtension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot === -1 ? '' : name.slice(dot);
}
