/** Returns at most three names that differ least from a given one. */
export function nearestNames(given: string, names: readonly string[]): string[] {
  const ranked = names.map((name) => ({ name, away: distance(given, name) })).sort((a, b) => a.away - b.away);
  return ranked.slice(0, 3).map((one) => one.name);
}

/** Pairs of neighbouring characters that only one of the two has, so that parts in another order still count. */
function distance(a: string, b: string): number {
  const [one, other] = [pairs(a), pairs(b)];
  const shared = [...one].filter((pair) => other.has(pair)).length;
  return 1 - (2 * shared) / (one.size + other.size || 1);
}

function pairs(text: string): Set<string> {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return new Set(Array.from({ length: Math.max(0, plain.length - 1) }, (_, at) => plain.slice(at, at + 2)));
}
