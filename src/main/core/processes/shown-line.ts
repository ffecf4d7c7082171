import { boundedText } from '../../../shared/bounded-text.ts';
import { redact } from '../../../shared/errors/app-error.ts';
import { plainLine } from '../../../shared/plain-text.ts';

const maxChars = 300;
// Enough to find a secret in what is shown; a hostile line may have no end.
const readChars = 4096;

/** Returns what another program or machine said as one line that is safe to show: redacted, escaped, at most 300 characters. */
export function shownLine(text: string): string {
  return boundedText(plainLine(redact(text.slice(0, readChars))), maxChars);
}

/** Returns the first line that is not blank, as `shownLine` does; '' when there is none. */
export function firstShownLine(text: string): string {
  return shownLine(linesOf(text)[0] ?? '');
}

/** Returns the last line that is not blank, as `shownLine` does; '' when there is none. */
export function lastShownLine(text: string): string {
  return shownLine(linesOf(text).at(-1) ?? '');
}

function linesOf(text: string): string[] {
  return text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
}
