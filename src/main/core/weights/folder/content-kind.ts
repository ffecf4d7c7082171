/** What a file is by its first bytes. */
export type ContentKind = 'gguf' | 'safetensors' | 'pytorch' | 'compressed' | 'text';

/** How many bytes of a file show its kind. */
export const startBytes = 16;

const compressed = /^(1f8b|28b52ffd|fd377a58|425a68|377abcaf)/;
/* A page or a message of a server. Weights of an old form may begin with any of these bytes, but not with so many of them. */
const text = /^(?=[\t\n\r -~]{16})\s*(<|\{\s*"|\[\s*["{])/;

/** Returns the kind of a file of weights by its first `startBytes`; undefined where they show none of these. */
export function contentKind(start: Buffer): ContentKind | undefined {
  const word = start.toString('latin1');
  if (word.startsWith('GGUF')) return 'gguf';
  if (word.startsWith('PK\x03\x04')) return 'pytorch';
  if (compressed.test(start.toString('hex'))) return 'compressed';
  // The length of a header, then the header.
  if (start.length > 9 && start.readUInt32LE(4) === 0) return /^[{]/.test(word.slice(8)) ? 'safetensors' : undefined;
  return text.test(word) ? 'text' : undefined;
}

/** Returns the endings under which engines look for a kind of weights. */
export function endingsOf(kind: ContentKind): readonly string[] {
  if (kind === 'pytorch') return ['bin', 'pt', 'pth', 'ckpt', 'npz'];
  return kind === 'gguf' || kind === 'safetensors' ? [kind] : [];
}
