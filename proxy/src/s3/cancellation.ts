/**
 * Tells the work of one request that its client went away. One listener at a time is enough here, because a request has one
 * exchange under way at a time, and it costs a fraction of an AbortSignal.
 */
export class Cancellation {
  #canceled = false;
  #listener: (() => void) | undefined;

  get canceled(): boolean {
    return this.#canceled;
  }

  /** Sets what to stop; undefined when nothing is under way. Called at once if it is too late already. */
  onCancel(listener: (() => void) | undefined): void {
    if (this.#canceled) listener?.();
    else this.#listener = listener;
  }

  cancel(): void {
    if (this.#canceled) return;
    this.#canceled = true;
    this.#listener?.();
    this.#listener = undefined;
  }
}
