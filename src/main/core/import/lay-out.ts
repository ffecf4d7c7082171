import { appError } from '../../../shared/errors/app-error.ts';
import { slug } from '../../../shared/site-file.ts';
import type { BundleContent } from '../bundle/format.ts';
import {
  modelArtifactType,
  modelPathAnnotation,
  type OciManifest,
  ociManifest,
  parseOci,
  rawModelLayer,
  titleAnnotation,
} from '../bundle/oci-documents.ts';

/** A file of a model or a file set: where it belongs below its folder, and the blob that it is. */
export interface LaidOutFile {
  path: string;
  hex: string;
  sizeBytes: number;
}

/** A name that may become a folder of the store, else `import.unsafe-name`. */
export function checkName(name: string): void {
  if (!slug.safeParse(name).success || name.endsWith('.part')) throw appError('import.unsafe-name', { name });
}

/** The files that a model's or file set's manifest describes; hostile paths, other layers and contradictions to the head are refused. */
export function layOut(content: BundleContent, manifestBytes: Buffer): LaidOutFile[] {
  const manifest = parseOci(manifestBytes, ociManifest, `The manifest of ${content.name}`);
  checkAgainstHead(content, manifest);
  const annotation = content.kind === 'model' ? modelPathAnnotation : titleAnnotation;
  const files = manifest.layers.map((layer) => {
    if (content.kind === 'model' && !rawModelLayer.test(layer.mediaType)) {
      throw appError('import.unknown-layer', { name: content.name, mediaType: layer.mediaType });
    }
    const path = layer.annotations?.[annotation] ?? '';
    return { path, hex: layer.digest.slice('sha256:'.length), sizeBytes: layer.size };
  });
  checkPaths(
    content.name,
    files.map((file) => file.path),
  );
  return files;
}

function checkAgainstHead(content: BundleContent, manifest: OciManifest): void {
  const refuse = (problem: string) =>
    appError('bundle.content-mismatch', { what: `The manifest of ${content.name}`, problem });
  if (content.kind === 'model' && manifest.artifactType !== modelArtifactType) {
    throw refuse(`its artifact type is "${manifest.artifactType ?? ''}", not "${modelArtifactType}"`);
  }
  const listed = new Map(content.blobs.map((blob) => [blob.digest, blob.sizeBytes]));
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    if (listed.get(digest) !== size)
      throw refuse(`it names ${digest} with ${size} bytes, which the bundle's list does not`);
  }
}

/** Names that Windows keeps for devices, whatever their extension. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Refuses with `import.unsafe-path` what could leave the folder or collide in it: absolute paths, `..`, backslashes, drive letters,
 * control characters, two paths that differ by letter case only, a path that is both file and folder; on Windows also devices.
 */
export function checkPaths(name: string, paths: readonly string[], platform: NodeJS.Platform = process.platform): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const isTwin = files.has(path.toLowerCase());
    const problem = pathProblem(path, platform) ?? (isTwin ? 'another file has the same path' : undefined);
    if (problem) throw appError('import.unsafe-path', { name, path: path.slice(0, 300), problem });
    files.add(path.toLowerCase());
    const segments = path.toLowerCase().split('/');
    for (let end = 1; end < segments.length; end += 1) folders.add(segments.slice(0, end).join('/'));
  }
  const both = paths.find((path) => folders.has(path.toLowerCase()));
  if (both !== undefined)
    throw appError('import.unsafe-path', { name, path: both, problem: 'it is a file and a folder' });
}

function pathProblem(path: string, platform: NodeJS.Platform): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > 255) return 'it has more than 255 characters';
  if (path.startsWith('/') || path.includes('\\') || path.includes(':')) return 'it is not relative';
  // Format characters (\p{Cf}) can turn the shown order of letters around.
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(path) || path !== path.normalize('NFC'))
    return 'it has characters that cannot be shown as they are';
  for (const segment of path.split('/')) {
    if (segment === '.' || segment === '..' || segment === '') return `it has a segment "${segment}"`;
    if (platform !== 'win32') continue;
    if (deviceName.test(segment) || /[<>"|?*]|[ .]$/.test(segment)) return `Windows has no file "${segment}"`;
  }
  return undefined;
}
