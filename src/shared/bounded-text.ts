/** The most characters of one value from outside in an error, a finding, a journal or a line. */
export const maxTextChars = 500;
/** The most values from outside in one message. */
export const maxTexts = 20;
const utf8 = new TextEncoder();

/** Returns a text of at most 500 characters, or as many as given; a cut one ends in `…`. */
export function boundedText(text: string, maxChars = maxTextChars): string {
  if (text.length <= maxChars) return text;
  // Half a surrogate pair would show as a broken character.
  return `${text.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Returns at most 20 texts, each bounded; one more says how many were left out. */
export function boundedTexts(texts: readonly string[]): string[] {
  const kept = texts.slice(0, maxTexts).map((one) => boundedText(one));
  return texts.length > maxTexts ? [...kept, `… and ${texts.length - maxTexts} more`] : kept;
}

/** Returns the first five names in one line, and how many more there are, also of names that `boundedTexts` cut. */
export function fewNames(names: readonly string[]): string {
  const { known, hiddenCount } = knownNames(names);
  const more = hiddenCount + Math.max(0, known.length - 5);
  return known.slice(0, 5).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Returns the names that `boundedTexts` kept, and how many it left out. */
export function knownNames(names: readonly string[]): { known: readonly string[]; hiddenCount: number } {
  const hiddenCount = Number(/^… and (\d+) more$/.exec(names.at(-1) ?? '')?.[1] ?? 0);
  return { known: hiddenCount > 0 ? names.slice(0, -1) : names, hiddenCount };
}

/** Returns the details of an error with every text bounded, also in lists and groups. */
export function boundedDetails(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, boundedValue(value)]));
}

function boundedValue(value: unknown): unknown {
  if (typeof value === 'string') return boundedText(value);
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one === 'string')) return boundedTexts(value);
    return value.slice(0, maxTexts).map(boundedValue);
  }
  if (typeof value === 'object' && value !== null) return boundedDetails(value as Record<string, unknown>);
  return value;
}

/** Returns the first items whose JSON has at most this many bytes together, so that a journal and a frame stay below 1 MiB. */
export function withinBudget<T>(items: readonly T[], bytes = 300_000): T[] {
  let left = bytes;
  const end = items.findIndex((item) => {
    left -= utf8.encode(JSON.stringify(item)).length + 1;
    return left < 0;
  });
  return end === -1 ? [...items] : items.slice(0, end);
}
