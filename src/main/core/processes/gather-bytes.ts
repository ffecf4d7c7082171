const everyMs = 100;

/** Adds up bytes per item and reports the sum at most ten times a second, at each new item, and at `flush`. */
export function gatherBytes(tell: (bytes: number, item: string) => void): {
  add(bytes: number, item: string): void;
  flush(): void;
} {
  let sum = 0;
  let item = '';
  let toldAt = Date.now();
  const flush = () => {
    if (sum > 0) tell(sum, item);
    sum = 0;
    toldAt = Date.now();
  };
  return {
    add: (bytes, of) => {
      if (of !== item) flush();
      item = of;
      sum += bytes;
      if (Date.now() - toldAt >= everyMs) flush();
    },
    flush,
  };
}
