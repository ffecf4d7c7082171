import { appError } from '../../../../shared/errors/app-error.ts';
import { fullReference } from '../../../../shared/image-reference.ts';
import { type BundleContent, blockBytes, type HeadPayload, type MediumPayload } from './format.ts';

const wholeBlob = /^sealift\/layout\/blobs\/sha256\/([0-9a-f]{64})$/;
const blobPart = /^sealift\/layout\/blobs\/sha256\/([0-9a-f]{64})\.(\d{3})$/;

/** Returns the blob that a path on a medium stands for, with the index of its part (from 0). Undefined for any other file. */
export function blobOfPath(path: string): { hex: string; index: number | undefined } | undefined {
  const whole = wholeBlob.exec(path)?.[1];
  if (whole !== undefined) return { hex: whole, index: undefined };
  const [, hex, index] = blobPart.exec(path) ?? [];
  return hex === undefined ? undefined : { hex, index: Number(index) };
}

/** Checks what a schema cannot: order, colliding names, block counts, blobs under another's name. Throws `bundle.malformed`. */
export function checkMediumPayload(payload: MediumPayload, path: string): void {
  const refuse = (problem: string) => appError('bundle.malformed', { path, problem });
  const folded = new Set<string>();
  const folders = new Set<string>();
  let before = '';
  for (const file of payload.files) {
    if (before !== '' && file.path <= before) throw refuse(`its files are not in order, or twice there: ${file.path}`);
    before = file.path;
    const lower = file.path.toLowerCase();
    if (folded.has(lower)) throw refuse(`two of its paths differ by letter case only: ${file.path}`);
    folded.add(lower);
    const segments = lower.split('/');
    for (let end = 1; end < segments.length; end += 1) folders.add(segments.slice(0, end).join('/'));
    if (file.blocks.length !== Math.ceil(file.sizeBytes / blockBytes)) {
      throw refuse(`${file.path} has ${file.sizeBytes} bytes but ${file.blocks.length} blocks`);
    }
    const blob = blobOfPath(file.path);
    if (blob && blob.index === undefined && blob.hex !== file.sha256) {
      throw refuse(`the blob ${file.path} is listed with another digest than its name`);
    }
    if (blob?.index !== undefined && file.sizeBytes === 0) throw refuse(`the part ${file.path} is empty`);
  }
  const both = payload.files.find((file) => folders.has(file.path.toLowerCase()));
  if (both) throw refuse(`${both.path} is both a file and a folder`);
}

/** Returns what two contents must not share: `app:1` and `docker.io/library/app:1` are one image to every engine. */
export function contentIdentity({ kind, name }: Pick<BundleContent, 'kind' | 'name'>): string {
  return `${kind} ${kind === 'image' ? fullReference(name) : name}`;
}

/** Checks what a schema cannot: media numbered 1, 2, …, unique labels and contents, nothing foreign left out. Throws `bundle.malformed`. */
export function checkHeadPayload(head: HeadPayload, path: string): void {
  const refuse = (problem: string) => appError('bundle.malformed', { path, problem });
  head.media.forEach((medium, index) => {
    if (medium.ordinal !== index + 1) throw refuse('its media are not numbered 1, 2, …');
  });
  if (new Set(head.media.map((medium) => medium.label.toLowerCase())).size !== head.media.length) {
    throw refuse('two of its media have the same label');
  }
  const names = head.contents.map(contentIdentity);
  if (new Set(names).size !== names.length) throw refuse('two of its contents have the same name');
  const blobs = new Set(head.contents.flatMap((one) => one.blobs).map((blob) => blob.digest));
  const foreign = head.base?.leftOut.find((digest) => !blobs.has(digest));
  if (foreign) throw refuse(`it leaves out ${foreign}, which none of its contents has`);
}
