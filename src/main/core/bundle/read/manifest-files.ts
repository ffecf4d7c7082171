import { clashingPaths, contentNameProblem, contentPathProblem } from '../../../../shared/content-path.ts';
import { hexOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { slug } from '../../../../shared/site-file.ts';
import type { BundleContent } from '../format/format.ts';
import {
  modelArtifactType,
  modelPathAnnotation,
  type OciManifest,
  ociManifest,
  parseOci,
  rawModelLayer,
  servedAnnotation,
  titleAnnotation,
} from '../format/oci-documents.ts';

/** A file of a model or a file set: its path below the folder, and its blob. */
export interface LaidOutFile {
  path: string;
  hex: string;
  sizeBytes: number;
  /** The file that a server opens, as the packer determined. */
  isServed: boolean;
}

/** Throws `import.unsafe-name` for a name that must not become a folder of the store. */
export function checkName(name: string): void {
  const problem = slug.safeParse(name).error?.issues[0]?.message ?? contentNameProblem(name);
  if (problem) throw appError('import.unsafe-name', { name, problem });
}

/** Returns the files in a model's or file set's manifest. Hostile paths, unknown layers and contradictions to the head are refused. */
export function layOut(content: BundleContent, manifestBytes: Buffer): LaidOutFile[] {
  const manifest = parseOci(manifestBytes, ociManifest, `The manifest of ${content.name}`);
  checkAgainstHead(content, manifest);
  const annotation = content.kind === 'model' ? modelPathAnnotation : titleAnnotation;
  const files = manifest.layers.map((layer) => {
    if (content.kind === 'model' && !rawModelLayer.test(layer.mediaType)) {
      throw appError('import.unknown-layer', { name: content.name, mediaType: layer.mediaType });
    }
    const path = layer.annotations?.[annotation] ?? '';
    const isServed = layer.annotations?.[servedAnnotation] === 'true';
    return { path, hex: hexOf(layer.digest), sizeBytes: layer.size, isServed };
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

/** Throws `import.unsafe-path` for a path that `contentPathProblem` refuses, and for two that cannot be in one folder. */
export function checkPaths(name: string, paths: readonly string[]): void {
  for (const path of paths) {
    const problem = contentPathProblem(path);
    if (problem) throw appError('import.unsafe-path', { name, path, problem });
  }
  const clash = clashingPaths(paths);
  if (!clash) return;
  const [other, path] = clash;
  const problem = path === other ? 'another file has the same path' : `it cannot be in one folder with ${other}`;
  throw appError('import.unsafe-path', { name, path, problem });
}
