/**
 * A token bucket that keeps retries a small share of all requests, so that a store in trouble is not hit harder for it
 * (the AWS SDKs' standard retry mode works the same way).
 */
export class RetryBudget {
  static readonly #CAPACITY = 100;
  static readonly #COST = 2;
  static readonly #REFUND = 0.1;
  #tokens = RetryBudget.#CAPACITY;

  /** Takes the price of one retry; false when it cannot be afforded. */
  spend(): boolean {
    if (this.#tokens < RetryBudget.#COST) return false;
    this.#tokens -= RetryBudget.#COST;
    return true;
  }

  /** A request succeeded. */
  refund(): void {
    if (this.#tokens < RetryBudget.#CAPACITY) this.#tokens += RetryBudget.#REFUND;
  }
}

/**
 * How long to wait (milliseconds) before attempt number `attempt` (the first retry is 1): exponential with full jitter.
 * @param random in [0, 1)
 */
export function backoffDelay(attempt: number, random: number): number {
  const ceiling = Math.min(50 * 2 ** (attempt - 1), 2_000);
  return Math.round(ceiling * random);
}
