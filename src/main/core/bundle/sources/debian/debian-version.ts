/** Compares two versions of Debian packages; below 0 when the first is older (Debian policy, section 5.6.12). */
export function compareDebianVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  return (
    Number(a.epoch) - Number(b.epoch) || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision)
  );
}

function partsOf(version: string): { epoch: string; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return dash === -1
    ? { epoch, upstream: rest, revision: '' }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** Parts without digits and numbers take turns. */
function compareParts(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.match(/\D*\d*/g) ?? []);
  const length = Math.max(a?.length ?? 0, b?.length ?? 0);
  for (let at = 0; at < length; at += 1) {
    const [, word = '', number = ''] = /^(\D*)(\d*)$/.exec(a?.[at] ?? '') ?? [];
    const [, otherWord = '', otherNumber = ''] = /^(\D*)(\d*)$/.exec(b?.[at] ?? '') ?? [];
    const order = compareWords(word, otherWord) || compareNumbers(number, otherNumber);
    if (order !== 0) return order;
  }
  return 0;
}

function compareWords(one: string, other: string): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const order = rankOf(one[at]) - rankOf(other[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** The tilde sorts even before the end, letters before all other characters. */
function rankOf(character: string | undefined): number {
  if (character === '~') return -1;
  if (character === undefined) return 0;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

function compareNumbers(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
