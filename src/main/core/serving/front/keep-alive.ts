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

/** Yields the pieces as they come, and `filler` whenever there was none for so long. */
export async function* withFiller(
  pieces: AsyncGenerator<string>,
  filler: string,
  silentMs: number | undefined,
): AsyncGenerator<string> {
  try {
    for (;;) {
      const next = pieces.next();
      let step = await valueIn(next, silentMs);
      while (!step) {
        yield filler;
        step = await valueIn(next, silentMs);
      }
      if (step.value.done) return;
      yield step.value.value;
    }
  } finally {
    await pieces.return(undefined);
  }
}
