import type { Readable } from 'node:stream';

/** The most characters of a line that are kept. */
const maxLineChars = 4096;

/**
 * Passes on each line that a process prints, as UTF-8 and without its end, but no blank ones. Of a longer line only its first 4096
 * characters are kept, however much follows: a process may print anything.
 */
export function onPrintedLines(output: Readable, say: (line: string) => void): void {
  let line = '';
  const end = () => {
    if (line !== '') say(line);
    line = '';
  };
  output.setEncoding('utf8');
  output.on('data', (text: string) => {
    for (const [index, piece] of text.split(/[\r\n]/).entries()) {
      if (index > 0) end();
      if (line.length < maxLineChars) line += piece.slice(0, maxLineChars - line.length);
    }
  });
  output.on('end', end);
}
