import { parseEntityTag } from '../http/entity-tag.ts';
import {
  describeObject,
  hasTag,
  type ObjectRequest,
  type StoredObject,
  toStoreRequest,
} from './object-source.ts';
import type { Operation } from './operation.ts';
import type { StoreClient } from './store-client.ts';
import { StoreError } from './store-error.ts';

/** Breaks in a row without a single new byte after which a body is given up. */
const MAX_BREAKS_WITHOUT_PROGRESS = 3;

/**
 * Lets a body that breaks off go on where it stopped: the rest is asked for by Range, pinned to the same entity tag, so that
 * the reader gets the bytes of one version or an error, never a mixture. Without a strong entity tag nothing is mended.
 */
export function mendBody(
  client: StoreClient,
  request: ObjectRequest,
  object: StoredObject,
  operation: Operation,
  onResume: () => void,
): void {
  const { body, headers, range, size } = object;
  const etag = parseEntityTag(headers.etag);
  if (!etag || etag.weak) return;
  const { opaque } = etag;
  const first = range?.first ?? 0;
  const last = range?.last ?? size - 1;
  let receivedAtBreak = -1;
  let breaks = 0;

  async function continueFrom(position: number): Promise<void> {
    const rest = {
      key: request.key,
      method: 'GET',
      range: { first: position, last },
      ifMatch: opaque,
    } as const;
    const part = describeObject(await client.send(toStoreRequest(rest), operation));
    if (part.range?.first !== position || part.range.last !== last || part.size !== size) {
      part.body.cancel();
      throw new StoreError('protocol', 'BadContentRange');
    }
    if (!hasTag(part, rest.ifMatch)) {
      part.body.cancel();
      throw new StoreError('changed', 'OtherVersion');
    }
    onResume();
    body.connect({
      // The part keeps its bytes and pauses by itself, because the write below says so.
      keep: (chunk) => chunk,
      release: () => part.body.release(),
      pause() {},
      resume: () => part.body.resume(),
      abort: () => part.body.cancel(),
    });
    part.body.mendWith((error) => body.fail(error));
    part.body.pipe({
      write(chunk) {
        body.push(chunk);
        return !body.paused;
      },
      end: () => body.end(),
      fail: (error) => body.fail(error),
    });
  }

  body.mendWith((error) => {
    breaks = body.received > receivedAtBreak ? 1 : breaks + 1;
    receivedAtBreak = body.received;
    if (breaks > MAX_BREAKS_WITHOUT_PROGRESS || first + body.received > last) {
      body.abandon(error);
      return;
    }
    continueFrom(first + body.received).catch(() => body.abandon(error));
  });
}
