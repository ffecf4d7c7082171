import type { LoadedSpec } from './pack-spec.ts';
import type { ContentSource } from './source-content.ts';
import { openEngineImage } from './source-engine.ts';
import { openFiles } from './source-files.ts';
import { openImage } from './source-image.ts';
import { openModel } from './source-model.ts';

/** Finds and checks every source of a bundle, in the order of the description. Reads headers and names, not the contents. */
export async function openSources({ spec, folder }: LoadedSpec, signal: AbortSignal): Promise<ContentSource[]> {
  const found: ContentSource[] = [];
  for (const content of spec.contents) {
    signal.throwIfAborted();
    if (content.kind === 'model') found.push(await openModel(content, folder));
    else if (content.kind === 'files') found.push(await openFiles(content, folder));
    else if (content.path === undefined) found.push(await openEngineImage(content));
    else found.push(await openImage({ ...content, path: content.path }, folder));
  }
  return found;
}
