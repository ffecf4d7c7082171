/** Returns the largest integer from 1 to `limit` that fits, or 0 if none does. If a number fits, all smaller ones must fit too. */
export function largestFitting(limit: number, fits: (value: number) => boolean): number {
  let good = 0;
  let bad = limit + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
