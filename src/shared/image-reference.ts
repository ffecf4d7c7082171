import { z } from 'zod';
import { digestPattern } from './digest.ts';

// The grammar of https://github.com/distribution/reference, without IPv6 addresses and with SHA-256 digests only.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registryPart = `${label}(?:\\.${label})*(?::[0-9]{1,5})?`;
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const namePart = `(?:${registryPart}/)?${component}(?:/${component})*`;
const tagPart = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';

/** Longest name with its tag; a digest may follow. */
const nameLength = 255;

/** The name of an image that a bundle carries: `name:tag`, maybe with a registry, never with a digest. */
export const imageName = z
  .string()
  .max(nameLength)
  .regex(new RegExp(`^${namePart}:${tagPart}$`), 'write it as name:tag, such as registry.example/team/app:1.0');

/** An image as a site names it: what a bundle may carry, or the same with a digest instead of the tag or after it. */
export const imageReference = z
  .string()
  .max(nameLength + '@sha256:'.length + 64)
  .regex(
    new RegExp(`^${namePart}(?::${tagPart}(?:@${digestPattern})?|@${digestPattern})$`),
    'write it as name:tag, such as registry.example/team/app:1.0, or name@sha256:…',
  )
  .refine(
    (text) => (text.split('@')[0] ?? '').length <= nameLength,
    `the name is longer than ${nameLength} characters`,
  );

/** The parts of an image reference. */
export interface ImageReference {
  /** Registry and path, as written: `registry.example/team/app`. */
  name: string;
  tag?: string;
  /** `sha256:` and 64 hex digits. */
  digest?: string;
}

const parts = new RegExp(`^(${namePart})(?::(${tagPart}))?(?:@(${digestPattern}))?$`);

/** Takes a reference apart, also one without tag and digest. Undefined for what no engine takes as a reference. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [, name, tag, digest] = parts.exec(text) ?? [];
  return name === undefined ? undefined : { name, ...(tag && { tag }), ...(digest && { digest }) };
}

/**
 * Returns the reference with the registry and folder that Docker means when they are left out: `docker.io/library/app:1` for
 * `app:1`. Two references with the same full form name the same image.
 */
export function fullReference(text: string): string {
  const [first = '', ...more] = text.split('/');
  const hasRegistry = more.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  const registry = !hasRegistry || first === 'index.docker.io' ? 'docker.io' : first;
  const path = hasRegistry ? more.join('/') : text;
  return registry === 'docker.io' && !path.includes('/') ? `docker.io/library/${path}` : `${registry}/${path}`;
}

/** Returns name and tag of a reference that `imageName` has checked; throws when it has no tag. */
export function nameAndTag(text: string): { name: string; tag: string } {
  const { name, tag } = parseImageReference(text) ?? {};
  if (name === undefined || tag === undefined) throw new Error(`"${text}" is not name:tag`);
  return { name, tag };
}
