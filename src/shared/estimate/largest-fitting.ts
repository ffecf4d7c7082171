/** The largest whole number from 1 to `limit` that fits, 0 when not even 1 does; what fits must fit for all smaller ones too. */
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
