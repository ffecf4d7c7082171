/**
 * Returns a whole stream; undefined, and the stream is destroyed, when it has more than `limitBytes`. Throws what the stream throws, also
 * when it breaks off.
 */
export async function readBody(stream: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of stream) {
    sizeBytes += piece.length;
    if (sizeBytes > limitBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Returns one text per header; a repeated header is joined as RFC 9110 (5.3) joins it. */
export function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
