/** Counts questions whose answers may come in another order. Each call of what it gives begins a turn, and tells from then on whether that is still the last one. */
export function turns(): () => () => boolean {
  let last = 0;
  return () => {
    last += 1;
    const mine = last;
    return () => mine === last;
  };
}
