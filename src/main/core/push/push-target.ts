import { shortHex } from '../../../shared/digest.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { fullReference, nameAndTag, parseImageReference } from '../../../shared/image-reference.ts';

/** A registry, and the path in it below which everything goes; empty for none. */
export interface PushTarget {
  /** As the origin of a URL. */
  origin: string;
  /** Host, with the port if one is written. */
  host: string;
  prefix: string;
}

/** What the place of a content depends on. */
export interface Named {
  kind: 'image' | 'model' | 'files';
  name: string;
  /** Digest of its manifest. */
  digest: string;
}

/** Where one content goes: a repository without the registry, and a tag. */
export interface Place {
  repository: string;
  tag: string;
}

/** Reads `REGISTRY/PREFIX`, with `http://` before it for a registry without TLS. Throws `push.bad-target`. */
export function parseTarget(target: string): PushTarget {
  // What stands before an @ may be a password.
  const shown = target.replace(/^.*@/s, '…@');
  const refuse = (problem: string) => appError('push.bad-target', { target: shown, problem });
  if (shown !== target) throw refuse('a login does not belong in it: docker login stores it');
  const [, scheme = 'https://', host = '', path = ''] =
    /^(https?:\/\/)?([\w.-]+(?::\d{1,5})?)((?:\/.*)?)$/.exec(target) ?? [];
  const prefix = path.replace(/^\/|\/$/g, '');
  if (host === '' || !URL.canParse(scheme + host)) throw refuse('it has no host');
  const example = `${host}/${prefix === '' ? '' : `${prefix}/`}app:1`;
  if (parseImageReference(example)?.tag !== '1' || fullReference(example) !== example)
    throw refuse('its first part is not a registry, or its prefix has other characters than names of images');
  return { origin: new URL(scheme + host).origin, host, prefix };
}

/**
 * Returns where a content goes. Of an image's name, the last part and the tag are kept: GitLab's registry takes two levels below a project
 * at most. Models and files have no tag in a bundle; theirs is the start of their digest.
 */
export function placeOf({ kind, name, digest }: Named, { prefix }: PushTarget): Place {
  const below = (...parts: string[]) => [prefix, ...parts].filter((part) => part !== '').join('/');
  if (kind !== 'image')
    return { repository: below(kind === 'model' ? 'models' : 'files', name), tag: shortHex(digest) };
  const { name: full, tag } = nameAndTag(name);
  return { repository: below(full.split('/').at(-1) ?? ''), tag };
}

/** Throws `push.name-clash` when two contents would have one place. */
export function refuseClashes(contents: readonly Named[], target: PushTarget): void {
  const taken = new Map<string, Named>();
  for (const content of contents) {
    const { repository, tag } = placeOf(content, target);
    const reference = `${target.host}/${repository}:${tag}`;
    const other = taken.get(reference);
    if (other && other.digest !== content.digest)
      throw appError('push.name-clash', { reference, names: [other.name, content.name] });
    taken.set(reference, content);
  }
}
