import type { ModelSpec } from '../../../../shared/bundle-spec.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { ContentSource } from './content-source.ts';
import { openEngineImage } from './engine-image.ts';
import { openFiles } from './file-set.ts';
import { openHubModel } from './hub-model.ts';
import { openImage } from './image.ts';
import { openModel } from './model.ts';
import { openOllamaModel } from './ollama-model.ts';
import type { LoadedSpec } from './read-bundle-spec.ts';
import { openRegistryImage } from './registry-image.ts';
import { openRemote, type RemoteOptions, type RemoteSources } from './remote-sources.ts';
import { openUrlModel } from './url-model.ts';

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
    found.push(await openOne(content, folder, remote).catch(nameMissing));
  }
  return found;
}

async function openOne(
  content: LoadedSpec['spec']['contents'][number],
  folder: string,
  remote: RemoteSources,
): Promise<ContentSource> {
  if (content.kind === 'model') return openEitherModel(content, folder, remote);
  if (content.kind === 'files') return openFiles(content, folder, remote);
  if (content.from === 'registry') return openRegistryImage(content, folder, remote);
  if (content.path === undefined) return openEngineImage(content);
  return openImage({ ...content, path: content.path }, folder);
}

/** Some descriptions have contents that must be made first, and say how. */
function nameMissing(thrown: unknown): never {
  if (thrown instanceof AppError && thrown.code === 'file.missing')
    throw appError('pack.source-missing', { path: String(thrown.wire.details.path) }, thrown);
  throw thrown;
}

function openEitherModel(content: ModelSpec, folder: string, remote: RemoteSources): Promise<ContentSource> {
  const { path, repository, tag, urls } = content;
  if (urls !== undefined) return openUrlModel({ ...content, urls }, remote);
  if (tag !== undefined) return openOllamaModel({ ...content, tag }, folder);
  if (repository !== undefined) return openHubModel({ ...content, repository }, remote);
  return openModel({ ...content, path: path ?? '' }, folder);
}
