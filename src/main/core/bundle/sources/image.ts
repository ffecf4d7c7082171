import { resolve } from 'node:path';
import type { ImageFileSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { ContentSource } from './content-source.ts';
import { openDockerArchive } from './docker-archive.ts';
import { openImageFiles } from './image-files.ts';
import { openOciLayout } from './oci-layout.ts';

/**
 * Opens an image: an OCI layout keeps its manifest byte for byte, an archive without one gets a manifest of ours.
 * Throws `pack.not-an-image`, `pack.image-unclear`.
 */
export async function openImage(spec: ImageFileSpec, folder: string): Promise<ContentSource> {
  const files = await openImageFiles(resolve(folder, spec.path));
  const isFromEngine = (await files.find('manifest.json')) !== undefined;
  if (await files.find('index.json')) return openOciLayout(files, spec, { isPublisherDigest: !isFromEngine, folder });
  if (files.isArchive && isFromEngine) return openDockerArchive(files, spec);
  throw appError('pack.not-an-image', { path: files.root, reason: 'it has neither index.json nor manifest.json' });
}
