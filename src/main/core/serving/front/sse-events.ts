import { brokenAnswer } from './broken-answer.ts';

const maxEventChars = 4 * 2 ** 20;

/**
 * Splits a byte stream into server-sent events, each with its final blank line; those that are complete with one piece of bytes are
 * yielded together. Throws ApiError 502 for an endless one.
 */
export async function* sseEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const bytes of body) {
    // Search only new text, and one line end that may be split in two.
    const searched = Math.max(0, open.length - 3);
    open += decoder.decode(bytes, { stream: true });
    const events: string[] = [];
    for (let end = eventEnd(open, searched); end > 0; end = eventEnd(open, 0)) {
      events.push(open.slice(0, end));
      open = open.slice(end);
    }
    if (events.length > 0) yield events;
    if (open.length > maxEventChars) throw brokenAnswer('The model server sent an event without end.');
  }
  const rest = open + decoder.decode();
  // The last event may lack its blank line.
  if (rest.trim() !== '') yield [`${rest}\n\n`];
}

function eventEnd(text: string, from: number): number {
  const blankLine = /\r?\n\r?\n/g;
  blankLine.lastIndex = from;
  return blankLine.test(text) ? blankLine.lastIndex : 0;
}

/** Returns the data of one event, its lines joined; '' for a comment. */
export function eventData(event: string): string {
  return event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .join('\n');
}
