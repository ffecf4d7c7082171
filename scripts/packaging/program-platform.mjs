import { closeSync, openSync, readSync } from 'node:fs';

const elf = { 62: 'linux-x64', 183: 'linux-arm64' };
const pe = { 34404: 'win-x64' };
const machO = { 16777223: 'darwin-x64', 16777228: 'darwin-arm64' };

/** Returns the platform that a program or native library is for, by its header; `other` for one that Sealift has no packages for, undefined for another kind of file. */
export function programPlatform(file) {
  const head = Buffer.alloc(4096);
  const open = openSync(file, 'r');
  const sizeBytes = readSync(open, head);
  closeSync(open);
  if (sizeBytes < 64) return undefined;
  if (head.toString('latin1', 0, 4) === '\x7fELF') return elf[head.readUInt16LE(18)] ?? 'other';
  if (head.readUInt32LE(0) === 0xfeedfacf) return machO[head.readUInt32LE(4)] ?? 'other';
  const start = head.readUInt32LE(0x3c);
  if (head.toString('latin1', 0, 2) !== 'MZ' || start > sizeBytes - 6) return undefined;
  return head.toString('latin1', start, start + 4) === 'PE\0\0'
    ? (pe[head.readUInt16LE(start + 4)] ?? 'other')
    : undefined;
}
