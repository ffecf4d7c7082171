import type { ModelSpec } from '../../../../shared/bundle-spec.ts';
import type { ContentSource } from './content-source.ts';
import { openEngineImage } from './engine-image.ts';
import { openFiles } from './file-set.ts';
import { openHubModel } from './hub-model.ts';
import { openImage } from './image.ts';
import { openModel } from './model.ts';
import type { LoadedSpec } from './read-bundle-spec.ts';
import { openRegistryImage } from './registry-image.ts';
import { openRemote, type RemoteOptions, type RemoteSources } from './remote-sources.ts';

/**
 * Finds and checks every source of a bundle, in the order of the description. Reads headers and names, not the contents.
 * Asks the registries and servers that the description names, and no others.
 */
export async function openSources(
  loaded: LoadedSpec,
  signal: AbortSignal,
  how: RemoteOptions = {},
): Promise<ContentSource[]> {
  const remote = await openRemote(loaded, signal, how);
  try {
    return await openEach(loaded, remote);
  } finally {
    await remote.hosts.close();
  }
}

async function openEach({ spec, folder }: LoadedSpec, remote: RemoteSources): Promise<ContentSource[]> {
  const found: ContentSource[] = [];
  for (const content of spec.contents) {
    remote.signal.throwIfAborted();
    if (content.kind === 'model') found.push(await openEitherModel(content, folder, remote));
    else if (content.kind === 'files') found.push(await openFiles(content, folder, remote));
    else if (content.from === 'registry') found.push(await openRegistryImage(content, remote));
    else if (content.path === undefined) found.push(await openEngineImage(content));
    else found.push(await openImage({ ...content, path: content.path }, folder));
  }
  return found;
}

function openEitherModel(content: ModelSpec, folder: string, remote: RemoteSources): Promise<ContentSource> {
  const { path, repository } = content;
  if (repository !== undefined) return openHubModel({ ...content, repository }, remote);
  return openModel({ ...content, path: path ?? '' }, folder);
}
