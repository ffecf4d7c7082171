/** Orders requests whose answers may arrive out of order. Each call of the returned function starts a turn, and returns a check for whether that turn is still the latest. */
export function latestOnly(): () => () => boolean {
  let last = 0;
  return () => {
    last += 1;
    const mine = last;
    return () => mine === last;
  };
}
