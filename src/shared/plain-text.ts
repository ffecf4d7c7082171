/** What could move a cursor, colour a screen or turn around the shown order of letters; new lines and tabs are not among it. */
const active = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** The text with control and format characters spelt out (`\u{1b}`), so that it is safe on a terminal and in a log. */
export function plainText(text: string): string {
  return text.replace(active, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** True for one line of text that can be shown as it is. */
export function isPlainLine(text: string): boolean {
  return plainText(text) === text && !/[\n\t]/.test(text);
}

/** A value as JSON on one line that is safe on a terminal; it parses to the same value. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(active, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
