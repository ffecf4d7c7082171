import { bytesText } from '../../shared/bytes-text.ts';
import { appError } from '../../shared/errors/app-error.ts';

const units: Record<string, number> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** Parses a size such as `4GiB`, `64GB`, `1.5MiB` or `4096` into bytes. A single letter means powers of 1024. Throws `usage.invalid`, also below `leastBytes`. */
export function readSize(text: string, option: string, command: string, leastBytes = 1): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : units[unit.toLowerCase()];
  const bytes = Math.floor(Number(digits) * (factor ?? Number.NaN));
  const fail = (problem: string) => appError('usage.invalid', { problem: `${option} ${text} ${problem}`, command });
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw fail('is not a size: write it as 4GiB or 64GB');
  if (bytes < leastBytes)
    throw fail(`is too small: use at least ${bytesText(leastBytes).replace(' ', '').replace('.0', '')}`);
  return bytes;
}
