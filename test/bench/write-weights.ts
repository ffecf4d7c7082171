import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

const pieceBytes = 16 * 1024 * 1024;

/** Writes a file that does not compress, no piece of it like another. */
export function writeWeights(path: string, sizeBytes: number): void {
  const file = openSync(path, 'w');
  const piece = randomBytes(pieceBytes);
  for (let done = 0; done < sizeBytes; done += piece.length) {
    piece.writeBigUInt64LE(BigInt(done));
    writeSync(file, piece, 0, Math.min(piece.length, sizeBytes - done));
  }
  closeSync(file);
}
