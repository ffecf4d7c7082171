import { brokenAnswer } from './upstream-answer.ts';

const maxEventChars = 4 * 2 ** 20;

/** Cuts a stream of bytes into server-sent events, each with the blank line that ends it. Throws ApiError 502 for an endless one. */
export async function* sseEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const bytes of body) {
    open += decoder.decode(bytes, { stream: true });
    for (let end = eventEnd(open); end > 0; end = eventEnd(open)) {
      yield open.slice(0, end);
      open = open.slice(end);
    }
    if (open.length > maxEventChars) throw brokenAnswer('The model server sent an event without end.');
  }
  const rest = open + decoder.decode();
  // The last event may lack its blank line.
  if (rest.trim() !== '') yield `${rest}\n\n`;
}

function eventEnd(text: string): number {
  const found = /\r?\n\r?\n/.exec(text);
  return found ? found.index + found[0].length : 0;
}
