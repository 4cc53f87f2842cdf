/** Bytes read from a connection at a time. */
export const SLAB_BYTES = 64 * 1024;

/** Slabs kept for reuse; more than this many are left to the garbage collector. */
const MAX_FREE = 64;

/**
 * Buffers that sockets read into. All connections read into the common one, except for those with a long body on its way: such a
 * connection owns one and reads into it again and again; a reader that cannot pass the bytes on at once takes the slab over, and the
 * connection goes on with another. So memory is bounded by the number of bodies on their way, whatever the garbage collector does.
 */
export class SlabPool {
  /** What is read into it is used or copied before the next read, of whichever connection. */
  readonly common: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
  }

  /** Only for a slab whose bytes nobody reads any more, a pending socket write included. */
  giveBack(slab: Buffer): void {
    if (this.#free.length < MAX_FREE) this.#free.push(slab);
  }
}
