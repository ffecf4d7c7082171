import { baseOf, weightName } from '../file-names.ts';
import type { ModelFolder } from './model-files.ts';

/* What download programs call a file, or the notes next to it, until it is complete. */
const endings = [
  ...['aria2', 'aria2__temp', 'partial', 'part', 'incomplete', 'crdownload', 'opdownload', 'download', 'tmp', 'temp'],
  ...['!qb', '!ut', 'bc!', 'xltd', 'td', 'filepart', 'st', 'lftp-pget-status', 'unfinished', 'downloading'],
];
const leftover = new RegExp(`\\.(${endings.join('|')})$`, 'i');
const needed = /^(config|params|tokenizer|tekken|vocab)\.json$|^tokenizer\.model$|\.index\.json$/i;

/** Returns true for what a download program keeps next to, or in place of, a file that is not complete. */
export function isLeftover(name: string): boolean {
  return leftover.test(name);
}

/** Returns files that a download left incomplete: named as such, or empty where content is needed. */
export function unfinished({ files, hiddenLeftovers }: ModelFolder): string[] {
  // The reader of GGUF headers names an empty one itself.
  const isWeight = (name: string) => weightName.test(name) && !/\.gguf$/i.test(name);
  const isEmpty = (name: string) => isWeight(name) || needed.test(baseOf(name));
  const found = files.flatMap(({ name, sizeBytes }) => {
    if (isLeftover(name)) return [name];
    return sizeBytes === 0 && isEmpty(name) ? [`${name} (empty)`] : [];
  });
  return [...found, ...hiddenLeftovers];
}

/** Returns parts of one weight file that a person must join before an engine can load it. */
export function unjoined({ files }: ModelFolder): string[] {
  const piece = /\.(gguf|safetensors)[-._](part[-_]?\d+(of\d+)?|split-[a-z]+|\d{2,3}|a[a-z])$/i;
  return files.map((file) => file.name).filter((name) => piece.test(name));
}
