import { appError } from '../../../../shared/errors/app-error.ts';
import { fullReference, parseImageReference } from '../../../../shared/image-reference.ts';
import { refNameAnnotation } from '../format/oci-documents.ts';
import type { Descriptor } from '../format/oci-schemas.ts';

/** Containerd and Docker state the full name here; the other annotation may hold the tag alone. */
const fullNameAnnotation = 'io.containerd.image.name';
const tagAlone = /^\w[\w.-]{0,127}$/;

/** Returns the names that an index gives an image, the full one first. */
export function allNames({ annotations }: Descriptor): string[] {
  return [annotations?.[fullNameAnnotation], annotations?.[refNameAnnotation]].filter((name) => name !== undefined);
}

/**
 * Returns the images named `reference`: by full name, else those with its tag as their only name, else all when none has a name.
 * Throws `pack.image-other-name` when the source names its images differently.
 */
export function pickByName<T>(path: string, images: T[], namesOf: (one: T) => string[], reference: string): T[] {
  const named = images.filter((one) => namesOf(one).some((name) => isSameReference(name, reference)));
  if (named.length > 0) return named;
  const tag = parseImageReference(reference)?.tag;
  const tagged = images.filter((one) => {
    const names = namesOf(one);
    return names.length > 0 && names.every((name) => tagAlone.test(name) && name === tag);
  });
  if (tagged.length > 0) return tagged;
  const found = [...new Set(images.map((one) => namesOf(one)[0]).filter((name) => name !== undefined))];
  if (found.length === 0) return images;
  throw appError('pack.image-other-name', { path, wanted: reference, found: found.slice(0, 20) });
}

/**
 * True when two names mean the same image: `docker.io/library/` may be left out, also the tag `latest`, and a digest after the
 * tag does not matter.
 */
export function isSameReference(one: string, other: string): boolean {
  return tagged(one) === tagged(other);
}

function tagged(text: string): string {
  const { name, tag = 'latest' } = parseImageReference(text) ?? { name: text };
  return fullReference(`${name}:${tag}`);
}
