import { within } from '../hardware/collected.ts';

/** Asks what may never be answered: each question once at a time, and no new ones while too many are open. */
export class Patience {
  readonly #timeoutMs: number;
  readonly #pending = new Map<string, Promise<unknown>>();
  readonly #silent = new Set<string>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * The answer, or undefined when it failed or does not come in time. A question that stayed silent is not waited for again and not
   * asked again before it was answered; with `mostSilent` of them, a new one is not asked at all.
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
