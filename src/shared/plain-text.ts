/** Characters that could move the cursor, change colours or reverse the order of letters; not newlines and tabs. */
const active = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Escapes control and format characters (`\u{1b}`), so that the text is safe in a terminal and a log. */
export function plainText(text: string): string {
  return text.replace(active, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Returns the text on one line: white space around line ends and tabs becomes one space, control and format characters are escaped. */
export function plainLine(text: string): string {
  const pieces = text.split(/[\r\n\t]+/).map((one) => one.trim());
  return plainText(pieces.filter((one) => one !== '').join(' '));
}

/** Returns whether the text is a single line that can be shown unescaped. */
export function isPlainLine(text: string): boolean {
  return plainText(text) === text && !/[\n\t]/.test(text);
}

/** Returns a value as one line of JSON that is safe in a terminal and parses to the same value. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(active, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
