import { bytesText } from '../../../shared/bytes-text.ts';

/** A measured value in words: `residentBytes 101523456` is "resident 96.8 MiB", `tokensPerSecond 1412.8` is "1413 tokens per second". */
export function measuredText([name, value]: [string, string | number | boolean]): string {
  const words = name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  if (typeof value === 'number' && words.endsWith(' bytes')) return `${words.slice(0, -6)} ${bytesText(value)}`;
  if (typeof value === 'number') return `${value >= 100 ? Math.round(value) : value} ${words}`;
  return `${words} ${value}`;
}
