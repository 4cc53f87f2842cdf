import { Body } from '../s3/body.ts';
import type { StoreHeaders } from '../s3/transport/response-head.ts';
import type { Filling } from './filling.ts';
import type { Freshness } from './freshness.ts';

/** What an object takes in memory beyond its bytes, its key and its headers: measured, see ADR 4. */
const OVERHEAD_BYTES = 1_600;

/** Up to this size (bytes) an object is sent as text: one write of head and body together costs less than copying so little. */
const TEXT_LIMIT = 4_096;

/** Memory (bytes) that an object takes when it is kept. */
export function costOf(key: string, size: number, headers: StoreHeaders): number {
  // A key may be of any characters, at two bytes each; headers are Latin-1.
  let text = 2 * key.length;
  for (const name in headers) text += name.length + (headers[name]?.length ?? 0);
  return (size <= TEXT_LIMIT ? 2 * size : size) + text + OVERHEAD_BYTES;
}

/** Response headers made for an object, and what they were made for. */
export interface Presentation {
  /** Decoded request path without its first slash. */
  path: string;
  age: number;
  /** Alternating names and values. */
  fields: string[];
}

/** One version of an object in memory; its last bytes may still be on their way. */
export class KeptObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly headers: StoreHeaders;
  /** Memory that it takes, in bytes. */
  readonly cost: number;
  freshness: Freshness;
  /** When the store was last asked about it with success: monotonic, in milliseconds. */
  validatedAt: number;
  /** When the store last failed to answer, if it has not answered since. */
  failedAt: number | undefined;
  /** The headers it was last sent with: the next answer's, most likely. */
  presentation: Presentation | undefined;
  /** Kept by ObjectMemory: how many use it beside the memory itself, and whether the memory still has it. */
  holders = 0;
  inMemory = false;
  readonly #bytes: Buffer;
  #text: string | undefined;
  #filling: Filling | undefined;

  constructor(
    described: Pick<KeptObject, 'key' | 'size' | 'headers' | 'cost' | 'freshness' | 'validatedAt'>,
    filling: Filling,
  ) {
    this.key = described.key;
    this.size = described.size;
    this.headers = described.headers;
    this.cost = described.cost;
    this.freshness = described.freshness;
    this.validatedAt = described.validatedAt;
    this.#bytes = filling.bytes;
    this.#filling = filling;
  }

  get isComplete(): boolean {
    return this.#filling === undefined;
  }

  /** All bytes are there. */
  complete(): void {
    this.#filling = undefined;
  }

  /** Its bytes from `start` up to `end`, without the latter. */
  read(start: number, end: number): Body {
    return this.#filling ? this.#filling.read(start, end) : Body.whole(this.slice(start, end));
  }

  /** The same of a complete one. */
  slice(start: number, end: number): Buffer {
    return start === 0 && end === this.size ? this.#bytes : this.#bytes.subarray(start, end);
  }

  /** All bytes of a complete one in the form in which they are written fastest: a string holds one byte in each character (Latin-1). */
  payload(): Buffer | string {
    if (this.size > TEXT_LIMIT) return this.#bytes;
    this.#text ??= this.#bytes.toString('latin1');
    return this.#text;
  }

  /** Whole seconds since the store last vouched for it (RFC 9111 §4.2.3). */
  ageAt(now: number): number {
    return Math.floor((now - this.validatedAt) / 1000);
  }
}
