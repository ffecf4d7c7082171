import { basename, dirname } from 'node:path';
import type { contract } from '../../../shared/contract/index.ts';
import type { InputOf } from '../../../shared/rpc/contract.ts';

/** What a file that a person opened on the desktop means: the answers that it sets, and the screen that shows it. */
export interface OpenedFile {
  place: 'import' | 'deploy';
  answers: InputOf<(typeof contract)['wizard']['answer']>;
}

/** Returns what a file means by its name: a `bundle.json` is on a medium, a `.yaml` is a site file. Does not read it. */
export function openedFile(path: string): OpenedFile | undefined {
  if (basename(path) === 'bundle.json') {
    const folder = dirname(path);
    const medium = basename(folder) === 'sealift' ? dirname(folder) : folder;
    return { place: 'import', answers: { set: {}, addMediaDirs: [medium] } };
  }
  return path.endsWith('.yaml') ? { place: 'deploy', answers: { set: { siteFile: path } } } : undefined;
}
