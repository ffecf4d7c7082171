/** A value that others can wait for while it appears, changes and disappears. */
export class WatchedValue<T> {
  #value: T | undefined;
  readonly #watchers = new Set<(value: T | undefined) => void>();

  get value(): T | undefined {
    return this.#value;
  }

  set(value: T | undefined): void {
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  /** Resolves with the first value that passes, now or later; with undefined if the signal aborts first. */
  when(passes: (value: T | undefined) => boolean, signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (passes(this.#value)) return Promise.resolve(this.#value);
    return new Promise((resolve) => {
      const end = (value: T | undefined) => {
        this.#watchers.delete(watcher);
        signal.removeEventListener('abort', stop);
        resolve(value);
      };
      const watcher = (value: T | undefined) => {
        if (passes(value)) end(value);
      };
      const stop = () => end(undefined);
      this.#watchers.add(watcher);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
