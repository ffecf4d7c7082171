import type { ContentSource } from './content-source.ts';
import { openEngineImage } from './engine-image.ts';
import { openFiles } from './file-set.ts';
import { openImage } from './image.ts';
import { openModel } from './model.ts';
import type { LoadedSpec } from './read-bundle-spec.ts';

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
