/** Returns a text as one word for a POSIX shell, quoted if necessary. Control characters are spelled out, so that it stays on one line. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!/\p{Cc}/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${text.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, spelledOut)}'`;
}

function spelledOut(character: string): string {
  if (character === '\n') return '\\n';
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
