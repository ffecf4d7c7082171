const firstDelayMs = 500;
const longestDelayMs = 30_000;
const quickMs = 30_000;
const stableMs = 10 * 60_000;
const quickFailuresAllowed = 5;
const firstRetryMs = 60_000;
const longestRetryMs = 5 * 60_000;

/** When a part is started again, and whether it counts as failed until then. */
export interface Restart {
  delayMs: number;
  isFailed: boolean;
}

/**
 * Decides when a part that ended is restarted: after 0.5 s, doubling to 30 s. After five quick failures in a row it counts as failed,
 * and is tried again after a minute, doubling to five: what it lacked may be back, such as memory, a disk or a port.
 */
export class RestartPolicy {
  #failures = 0;
  #quickFailures = 0;

  /** Counts a failure of a part that had answered for `ranMs`. */
  failed(ranMs: number): Restart {
    if (ranMs >= stableMs) this.#failures = 0;
    this.#failures += 1;
    this.#quickFailures = ranMs < quickMs ? this.#quickFailures + 1 : 0;
    const retries = this.#quickFailures - quickFailuresAllowed;
    if (retries >= 0) return { delayMs: Math.min(longestRetryMs, firstRetryMs * 2 ** retries), isFailed: true };
    return { delayMs: Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#failures - 1)), isFailed: false };
  }
}
