/**
 * Finds stop strings in text that arrives in pieces. Text that could still become a stop string is held back; a stop string and
 * what follows it are never returned.
 */
export class StopText {
  readonly #stops: readonly string[];
  #held = '';
  #isStopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Takes a piece and returns what may be shown now. */
  push(piece: string): string {
    if (this.#isStopped) return '';
    const text = this.#held + piece;
    const found = this.#stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#isStopped = true;
      this.#held = '';
      return text.slice(0, Math.min(...found));
    }
    const keep = Math.max(0, ...this.#stops.map((stop) => openLength(text, stop)));
    this.#held = text.slice(text.length - keep);
    return text.slice(0, text.length - keep);
  }

  /** Returns the text held back, when there are no more pieces. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** Returns how many characters at the end of `text` are the start of `stop`. */
export function openLength(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(stop.slice(0, length))) return length;
  return 0;
}
