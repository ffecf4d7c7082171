/** One line of an engine's answer while it pulls or loads. */
export interface EngineLine {
  status?: string;
  id?: string;
}

const maxLineChars = 1024 * 1024;

/**
 * Reads an engine's answer (JSON lines) to its end: that is where it reports a full disk, after it answered with success. Throws
 * an `Error` with the engine's words at the first line with an `error`, and at the one by which a load into Docker's containerd store tells
 * that it could not unpack the image (seen on Docker 28.5); an abort throws the signal's reason.
 */
export async function readAnswer(
  answer: NodeJS.ReadableStream,
  signal: AbortSignal,
  onLine: (line: EngineLine) => void = () => undefined,
): Promise<void> {
  let rest = '';
  for await (const chunk of answer) {
    signal.throwIfAborted();
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop()?.slice(-maxLineChars) ?? '';
    for (const line of lines) take(line, onLine);
  }
  take(rest, onLine);
}

function take(text: string, onLine: (line: EngineLine) => void): void {
  const line = parse(text);
  if (!line) return;
  const { error, stream } = line;
  if (typeof error === 'string') throw new Error(error);
  if (typeof stream === 'string' && /^Error unpacking image /.test(stream)) throw new Error(stream.trim());
  onLine({
    ...(typeof line.status === 'string' && { status: line.status }),
    ...(typeof line.id === 'string' && { id: line.id }),
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
