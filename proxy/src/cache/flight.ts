import type { StoredObject } from '../s3/object-source.ts';
import type { Operation } from '../s3/operation.ts';
import { StoreError } from '../s3/store-error.ts';
import type { KeptObject } from './kept-object.ts';

/** What a flight brings to one of those who wait for it. */
export type Landing =
  /** An object in memory; `changed` when it is not the one that was there before. */
  | { kind: 'kept'; object: KeptObject; changed: boolean }
  /** An object that is not kept. One reader gets its bytes; the others get to know only what it is. */
  | { kind: 'unkept'; object: StoredObject; isTaken: boolean };

interface Passenger {
  /** Whether the bytes of an object that is not kept are of use to it. */
  takesBody: boolean;
  operation: Operation;
  land(landing: Landing): void;
  fail(error: unknown): void;
}

/**
 * One question to the store, on behalf of all who want the same object at the same time. It does not depend on any one of them: it is given up only when the last one
 * has gone before the answer came, and never when it was asked in the background.
 */
export class Flight {
  /** Monotonic, in milliseconds. */
  readonly startedAt: number;
  readonly operation: Operation;
  readonly inBackground: boolean;
  /** The object, once it is known that it is kept: its bytes are on their way. */
  object: KeptObject | undefined;
  #passengers: Passenger[] = [];
  readonly #onDeserted: () => void;

  constructor(
    described: { startedAt: number; operation: Operation; inBackground: boolean },
    onDeserted: () => void,
  ) {
    this.startedAt = described.startedAt;
    this.operation = described.operation;
    this.inBackground = described.inBackground;
    this.#onDeserted = onDeserted;
  }

  /**
   * Waits for the answer.
   * @throws StoreError: the store's, or of kind canceled when the request is given up meanwhile
   */
  join(takesBody: boolean, operation: Operation): Promise<Landing> {
    return new Promise((resolve, reject) => {
      const passenger = { takesBody, operation, land: resolve, fail: reject };
      this.#passengers.push(passenger);
      operation.onCancel(() => {
        this.#passengers = this.#passengers.filter((other) => other !== passenger);
        reject(new StoreError('canceled', 'ClientAborted'));
        if (this.#passengers.length === 0 && !this.inBackground) this.#onDeserted();
      });
    });
  }

  /** The answer is an object that is kept. */
  landKept(object: KeptObject, changed: boolean): void {
    for (const { operation, land } of this.#disembark()) {
      operation.onCancel(undefined);
      land({ kind: 'kept', object, changed });
    }
  }

  /** The answer is an object that is not kept: its bytes go to the first who has use for them. */
  landUnkept(object: StoredObject): void {
    let isTaken = false;
    for (const { takesBody, operation, land } of this.#disembark()) {
      const takes: boolean = takesBody && !isTaken;
      isTaken ||= takes;
      operation.onCancel(takes ? () => this.operation.cancel() : undefined);
      land({ kind: 'unkept', object, isTaken: takes });
    }
    if (!isTaken) object.body.cancel();
  }

  fail(error: unknown): void {
    for (const { operation, fail } of this.#disembark()) {
      operation.onCancel(undefined);
      fail(error);
    }
  }

  #disembark(): Passenger[] {
    const passengers = this.#passengers;
    this.#passengers = [];
    return passengers;
  }
}
