import type { Damage } from '../../../shared/contract/bundle-read.ts';
import { blobOfPath } from './check-payload.ts';
import type { OpenBundle } from './open-media.ts';

/** Gives a function that adds to a damage which images, models and file sets need the damaged file, as the bundle's list tells. */
export function naming(open: OpenBundle): (one: Damage) => Damage {
  const users = new Map<string, string[]>();
  for (const { kind, name, manifest, blobs } of open.head?.payload.contents ?? []) {
    for (const { digest } of [manifest, ...blobs]) {
      const hex = digest.slice('sha256:'.length);
      users.set(hex, [...(users.get(hex) ?? []), `${kind} ${name}`]);
    }
  }
  return (one) => {
    const contents = users.get(blobOfPath(one.path)?.hex ?? '');
    return contents ? { ...one, contents: [...new Set(contents)] } : one;
  };
}
