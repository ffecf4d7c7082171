/** The result of comparing a typed fingerprint with that of a key. Positions count from 1. */
export type Comparison =
  | { kind: 'same' }
  | { kind: 'short'; given: number; of: number; unit: 'words' | 'digits' }
  | { kind: 'differs'; positions: number[]; unit: 'words' | 'digits' };

const wordCount = 16;
const digitCounts = [32, 64];

/**
 * Compares a typed fingerprint with that of a key: 16 words, or 64 (or the first 32) hex digits. Ignores case, commas, line breaks, and the
 * numbers before the words, as a packing slip has them.
 * Returns where it differs, never the right value.
 */
export function compareFingerprint(typed: string, key: { words: string; keyId: string }): Comparison {
  const given = typed
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((one) => one !== '' && one !== 'sha256');
  const digits = given.join('');
  if (/^[0-9a-f]*$/.test(digits) && /\d/.test(digits))
    return compare([...digits], [...key.keyId], digitCounts, 'digits');
  const words = given.filter((one) => !/^\d{1,2}$/.test(one));
  return compare(words, key.words.split(' '), [wordCount], 'words');
}

function compare(given: string[], wanted: string[], counts: number[], unit: 'words' | 'digits'): Comparison {
  if (!counts.includes(given.length)) return { kind: 'short', given: given.length, of: counts.at(-1) ?? 0, unit };
  const positions = given.flatMap((one, index) => (one === wanted[index] ? [] : [index + 1]));
  return positions.length === 0 ? { kind: 'same' } : { kind: 'differs', positions, unit };
}
