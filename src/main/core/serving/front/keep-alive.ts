import { Readable } from 'node:stream';

/** No client waits for longer than this without a byte, whatever it says. */
const longestSilenceMs = 600_000;

/**
 * Returns after how much silence, in milliseconds, a client must hear something: a third of what it states in `x-stainless-read-timeout`
 * (seconds), as the gateway does. Undefined when it states nothing that makes sense.
 */
export function silenceMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,6}(\.\d{1,6})?$/.test(header)) return undefined;
  const limitMs = Number(header) * 1000;
  return limitMs > 0 ? Math.min(limitMs, longestSilenceMs) / 3 : undefined;
}

/** What was awaited, or nothing if it took longer. Throws what the promise throws in that time. */
export async function valueIn<T>(promise: Promise<T>, limitMs: number | undefined): Promise<{ value: T } | undefined> {
  const settled = promise.then((value) => ({ value }));
  if (limitMs === undefined) return settled;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is heard in silence, and after how long. */
export interface Filler {
  text: string;
  silentMs: number | undefined;
  /** The client has waited for so long already. */
  isLate: boolean;
}

/** A stream of the pieces as they come, and of the filler whenever there was none for so long. Ends the pieces when it is destroyed. */
export class Filled extends Readable {
  readonly #pieces: AsyncGenerator<string>;
  readonly #timer: NodeJS.Timeout | undefined;
  #isWaiting = false;

  constructor(pieces: AsyncGenerator<string>, { text, silentMs, isLate }: Filler) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#pieces = pieces;
    if (isLate) this.push(text);
    if (silentMs === undefined) return;
    this.#timer = setInterval(() => {
      // A client that takes nothing needs no filler.
      if (this.#isWaiting && this.readableLength === 0) this.push(text);
    }, silentMs);
  }

  override _read(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#pieces.next().then(
      ({ done, value }) => {
        this.#isWaiting = false;
        this.#timer?.refresh();
        this.push(done ? null : value);
      },
      (error: Error) => void this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearInterval(this.#timer);
    this.#pieces.return(undefined).then(() => callback(error), callback);
  }
}
