import { bytesText } from '../../shared/bytes-text.ts';
import { appError } from '../../shared/errors/app-error.ts';
import { sizeUnits } from '../../shared/size-units.ts';

/** Parses a size such as `4GiB`, `64GB`, `1.5MiB` or `4096` into bytes. A single letter means powers of 1024. Throws `usage.invalid`, also below `leastBytes`. */
export function readSize(text: string, option: string, command: string, leastBytes = 1): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = unit === '' ? 1 : sizeUnits[unit?.toLowerCase() ?? ''];
  const bytes = Math.floor(Number(digits) * (factor ?? Number.NaN));
  const fail = (problem: string) => appError('usage.invalid', { problem: `${option} ${text} ${problem}`, command });
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw fail('is not a size: write it as 4GiB or 64GB');
  if (bytes < leastBytes)
    throw fail(`is too small: use at least ${bytesText(leastBytes).replace(' ', '').replace('.0', '')}`);
  return bytes;
}
