import { servedFiles } from '../file-names.ts';
import { judgeModelFolder, type ModelFinding } from './judge-model-folder.ts';
import type { GgufFacts, ModelFile, ModelFolder } from './model-files.ts';
import { servableGgufs } from './served-gguf.ts';

/** A listing of files that were not opened, with the GGUF that their bundle names. */
export interface UnreadFiles {
  files: readonly ModelFile[];
  served?: string | undefined;
}

/** Judges a model's folder whose files cannot be read yet: what names and sizes show, and no more. */
export function judgeByNames(path: string, unread: UnreadFiles): ModelFinding[] {
  return judgeModelFolder(unreadFolder(path, unread));
}

/** Returns the GGUF files that a server could open, by their names. */
export function namedGgufs(unread: UnreadFiles): string[] {
  return servableGgufs(unreadFolder('', unread));
}

function unreadFolder(path: string, { files: all, served }: UnreadFiles): ModelFolder {
  const files = servedFiles(all);
  const blank: GgufFacts = { type: '', architecture: '', parts: 1 };
  const ggufs = new Map(files.flatMap(({ name }) => (/\.gguf$/i.test(name) ? [[name, blank] as const] : [])));
  return { path, files, json: new Map(), ggufs, hiddenLeftovers: [], serve: served, namedIn: 'site.yaml' };
}
