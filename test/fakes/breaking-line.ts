import type { ServerResponse } from 'node:http';

/** An answer with the bytes of a blob, from a position on, as far as they were sent. */
export interface SentPart {
  blob: string;
  from: number;
  bytes: number;
}

/**
 * Sends blobs, keeps what it sent, and calls `onBreak` once it has sent so many bytes. The first answer for a blob in a run is not counted:
 * planning looks at its first bytes, and closes the connection.
 */
export class BreakingLine {
  sent: SentPart[] = [];
  breakAt = Number.POSITIVE_INFINITY;
  onBreak: (response: ServerResponse) => Promise<void> = async () => undefined;
  #total = 0;
  #looked = new Set<string>();

  /** A new run of the command begins. */
  begin(): void {
    this.sent = [];
    this.#looked = new Set();
    this.#total = 0;
  }

  async send(response: ServerResponse, blob: string, bytes: Buffer, range: string | undefined): Promise<void> {
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const [from, end] = [Number(first), last === '' ? bytes.length : Number(last) + 1];
    const isPart = end - from < bytes.length;
    response.writeHead(isPart ? 206 : 200, {
      'content-length': end - from,
      ...(isPart && { 'content-range': `bytes ${from}-${end - 1}/${bytes.length}` }),
    });
    const part = { blob, from, bytes: 0 };
    const isLook = !this.#looked.has(blob);
    this.#looked.add(blob);
    if (!isLook) this.sent.push(part);
    for (let at = from; at < end && !response.destroyed; ) {
      const most = isLook ? end : this.breakAt - this.#total;
      const piece = bytes.subarray(at, Math.min(end, at + 256 * 1024, at + most));
      await new Promise((resolve) => {
        response.once('close', resolve);
        response.write(piece, resolve);
      });
      response.removeAllListeners('close');
      at += piece.length;
      if (isLook) continue;
      part.bytes += piece.length;
      this.#total += piece.length;
      if (this.#total < this.breakAt) continue;
      [this.breakAt, this.#total] = [Number.POSITIVE_INFINITY, 0];
      await this.onBreak(response);
    }
    response.end();
  }
}
