import { resolve } from 'node:path';
import type { FilesSpec } from '../../../../shared/bundle-spec.ts';
import { clashingPaths } from '../../../../shared/content-path.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Digest } from '../../files/sha256.ts';
import { listSource, refuseTooMany, type SourceFile } from '../../files/source-folder.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { refusePointer } from '../../weights/folder/check-weights.ts';
import { titleAnnotation } from '../format/oci-documents.ts';
import { manifestMediaType } from '../format/oci-schemas.ts';
import { type ContentSource, type FinishedContent, type NamedBlob, placeOf, sourceText } from './content-source.ts';
import { openDebian } from './debian/debian-packages.ts';
import { openChart } from './helm-chart.ts';
import { namedBlob } from './model.ts';
import { openUrl, type RemoteFile } from './remote-file.ts';
import type { RemoteSources } from './remote-sources.ts';

const filesArtifactType = 'application/vnd.sealift.files.v1';
const emptyConfig = Buffer.from('{}');
const emptyConfigType = 'application/vnd.oci.empty.v1+json';
const perFileBytes = 1024;

/**
 * Opens files as one artifact, a layer per file with its title; a folder brings its files as `folder/…`. Reads none of them,
 * and asks for the sizes of those at an address.
 */
export async function openFiles(spec: FilesSpec, folder: string, remote: RemoteSources): Promise<ContentSource> {
  const roots: string[] = [];
  const files: SourceFile[] = [];
  for (const path of spec.paths) {
    const listed = await listSource(resolve(folder, path));
    roots.push(listed.root);
    const isFolder = listed.files[0]?.range.path !== listed.root;
    const prefix = isFolder ? `${lastSegment(listed.root)}/` : '';
    files.push(...listed.files.map((file) => ({ ...file, name: prefix + file.name })));
  }
  const fetched: RemoteFile[] = [];
  for (const one of spec.urls) fetched.push(await openUrl(one, remote));
  for (const one of spec.charts) fetched.push(await openChart(one, remote));
  const { files: debs, notes } = spec.debian
    ? await openDebian(spec.debian, spec.for?.architecture ?? 'x64', folder, remote)
    : { files: [], notes: [] };
  fetched.push(...debs);
  const all = [
    ...files.map((file) => ({ ...namedBlob(file), place: file.range.path })),
    ...fetched.map(({ name, blob }) => ({
      name,
      key: blob.key,
      sizeBytes: blob.range.sizeBytes,
      place: placeOf(blob),
    })),
  ];
  refuseTooMany(all, `contents "${spec.name}"`);
  refuseTwins(spec.name, all);
  for (const file of files) await refusePointer(file);
  return {
    kind: 'files',
    name: spec.name,
    source: sourceText(`files: ${[...spec.paths, ...fetched.map(({ blob }) => placeOf(blob))].join(', ')}`),
    ...(fetched.length > 0 && { origins: fetched.map(({ blob }) => ({ url: placeOf(blob), digest: blob.digest })) }),
    ...(spec.licence && { licence: spec.licence }),
    ...(spec.provides && spec.for && { packages: { provides: spec.provides, ...spec.for } }),
    isPublisherDigest: false,
    blobs: [...files.map(({ key, range }) => ({ key, range })), ...fetched.map(({ blob }) => blob)],
    roots,
    notes,
    pins: fetched.flatMap(({ pin }) => pin ?? []),
    madeBytes: 4096 + all.length * perFileBytes,
    finish: (digestOf) => finishFiles(all, digestOf),
  };
}

/** Throws `input.invalid` when two files of a content would get one name. */
export function refuseTwins(name: string, files: (NamedBlob & { place: string })[]): void {
  const clash = clashingPaths(files.map((file) => file.name));
  if (!clash) return;
  const [first, second] = clash.map((path) => files.filter((file) => file.name === path));
  const paths = [first?.[0], second?.at(-1)].map((file) => file?.place).join(' and ');
  const issue = `contents "${name}": ${paths} would both become ${clash[1]}`;
  throw appError('input.invalid', { what: 'the bundle description', issues: [issue] });
}

function finishFiles(files: NamedBlob[], digestOf: (key: string) => string): FinishedContent {
  const config = { mediaType: emptyConfigType, digest: sha256Digest(emptyConfig), size: emptyConfig.length };
  const layers = files.map((file) => ({
    mediaType: 'application/octet-stream',
    digest: digestOf(file.key),
    size: file.sizeBytes,
    annotations: { [titleAnnotation]: file.name },
  }));
  const manifest = { schemaVersion: 2, mediaType: manifestMediaType, artifactType: filesArtifactType, config, layers };
  return {
    made: [emptyConfig],
    manifest: Buffer.from(canonicalJson(manifest)),
    mediaType: manifestMediaType,
    artifactType: filesArtifactType,
    blobs: [config, ...layers].map(({ digest, size }) => ({ digest, sizeBytes: size })),
  };
}

function lastSegment(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? 'files';
}
