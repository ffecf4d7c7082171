import { within } from '../processes/within.ts';

/** Asks mounts questions that may never be answered: each question once at a time, and no new ones while too many are open. */
export class MountQuestions {
  readonly #timeoutMs: number;
  readonly #pending = new Map<string, Promise<unknown>>();
  readonly #silent = new Set<string>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Returns the answer, or undefined when it fails or is late. A silent question is not waited for again, and not asked again until
   * it is answered. While `mostSilent` questions are silent, a new one is not asked at all.
   */
  async ask<T>(key: string, mostSilent: number, question: () => Promise<T>): Promise<T | undefined> {
    if (this.#silent.has(key)) return undefined;
    let pending = this.#pending.get(key) as Promise<T> | undefined;
    if (!pending) {
      if (this.#silent.size >= mostSilent) return undefined;
      pending = question().finally(() => {
        this.#pending.delete(key);
        this.#silent.delete(key);
      });
      this.#pending.set(key, pending);
    }
    const answer = await within(this.#timeoutMs, pending);
    if (this.#pending.has(key)) this.#silent.add(key);
    return answer;
  }
}
