/** Tokens of a byte-level BPE tokenizer, in GPT-2's spelling of bytes (a space is "Ġ"). */
export interface Vocabulary {
  /** All 256 bytes, then one token per merge. */
  tokens: string[];
  /** "left right", in rank order. */
  merges: string[];
}

const pairs =
  'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur';
const words =
  'the and of to in is that for you with this be not are or as on it if can will should from an by user code file line name type value string number function return const let var class import export def self none true false null else while new get set test error model message answer question content system assistant request response text data list example write please help policy output tool must only never always do';

/**
 * A small vocabulary that reads English and code at about two characters a token. Not trained on anything:
 * built from the commonest English letter pairs, common words and runs of spaces.
 */
export function tinyVocabulary(): Vocabulary {
  const tokens = Array.from({ length: 256 }, (_, byte) => byteText(Buffer.from([byte])));
  const merges: string[] = [];
  const known = new Set(tokens);
  const merge = (left: string, right: string) => {
    if (known.has(left + right)) return;
    known.add(left + right);
    tokens.push(left + right);
    merges.push(`${left} ${right}`);
  };
  for (const [left, right] of pairs.split(' ').map((pair) => [...pair] as [string, string])) merge(left, right);
  for (const run of [1, 2, 4, 8]) merge('Ġ'.repeat(run), 'Ġ'.repeat(run));
  for (const letter of 'tasowicbpmfdhnrlegu') merge('Ġ', letter);
  for (const word of words.split(' ').flatMap((one) => [`Ġ${one}`, one])) {
    const parts = split(word, merges);
    for (let end = 1; end < parts.length; end += 1) merge(parts.slice(0, end).join(''), parts[end] as string);
  }
  return { tokens, merges };
}

/** How the merges so far cut a word: the lowest rank is merged first, as BPE does. */
function split(word: string, merges: readonly string[]): string[] {
  let parts = [...word];
  for (;;) {
    const ranks = parts.slice(1).map((right, index) => merges.indexOf(`${parts[index]} ${right}`));
    const best = Math.min(...ranks.filter((rank) => rank >= 0));
    if (!Number.isFinite(best)) return parts;
    const at = ranks.indexOf(best);
    parts = [...parts.slice(0, at), `${parts[at]}${parts[at + 1]}`, ...parts.slice(at + 2)];
  }
}

/** Bytes in GPT-2's spelling: printable Latin-1 stands for itself, every other byte for the next character from U+0100 on. */
export function byteText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byteCharacters[byte]).join('');
}

const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(isPrintable ? byte : next++);
  });
})();
