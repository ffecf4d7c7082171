const firstDelayMs = 500;
const longestDelayMs = 30_000;
const quickMs = 30_000;
const stableMs = 10 * 60_000;
const quickFailuresAllowed = 5;

/** When a part that ended is started again: after 0.5 s, doubling to 30 s; never again after five quick failures in a row. */
export class RestartPolicy {
  #failures = 0;
  #quickFailures = 0;

  /** Counts one failure of a part that had answered for `ranMs`, and gives the wait before the next start, or `give-up`. */
  failed(ranMs: number): { delayMs: number } | 'give-up' {
    if (ranMs >= stableMs) this.#failures = 0;
    this.#failures += 1;
    this.#quickFailures = ranMs < quickMs ? this.#quickFailures + 1 : 0;
    if (this.#quickFailures >= quickFailuresAllowed) return 'give-up';
    return { delayMs: Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#failures - 1)) };
  }
}
