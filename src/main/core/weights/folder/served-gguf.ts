import { baseOf, nameOfSet } from '../file-names.ts';
import type { GgufFacts, ModelFolder } from './model-files.ts';

/** Returns the GGUF files that a server could open as its model, a split one by its first part. */
export function servableGgufs({ files, ggufs }: Pick<ModelFolder, 'files' | 'ggufs'>): string[] {
  const names = files.map((file) => file.name).filter((name) => ggufs.has(name));
  const models = names.filter(
    (name) => !isProjector({ ggufs }, name) && !isAddition({ ggufs }, name) && !isVocabulary(ggufs.get(name)),
  );
  return [...new Set(models.map(nameOfSet))].sort();
}

/** Returns true for the image or audio part of a model, which a server loads only next to the model itself. */
export function isProjector({ ggufs }: Pick<ModelFolder, 'ggufs'>, name: string): boolean {
  const facts = ggufs.get(name);
  if (facts?.type === 'mmproj' || facts?.architecture === 'clip') return true;
  return /mmproj/i.test(baseOf(name)) && facts?.type !== 'model';
}

/** Returns true for a GGUF that changes or describes another model: an adapter, or the matrix of a quantisation. */
export function isAddition({ ggufs }: Pick<ModelFolder, 'ggufs'>, name: string): boolean {
  return /^(adapter|imatrix)$/.test(ggufs.get(name)?.type ?? '');
}

/* The first part of a split model may have no tensors. */
function isVocabulary(facts: GgufFacts | undefined): boolean {
  return facts?.tensors === 0 && facts.parts === 1;
}

/** Returns the GGUF that a server opens; undefined if the folder has none or does not say which. */
export function servedGguf(folder: ModelFolder): string | undefined {
  const candidates = servableGgufs(folder);
  const asked = folder.serve === undefined ? undefined : nameOfSet(folder.serve);
  if (asked !== undefined) return candidates.includes(asked) ? asked : undefined;
  return candidates.length === 1 ? candidates[0] : undefined;
}
