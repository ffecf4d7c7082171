import type { Damage } from '../../../shared/contract/bundle-read.ts';
import { type Remedy, steps } from '../../../shared/errors/define.ts';

const shownPaths = 5;

/** The ways out of damage, one remedy a medium: what to put in, to try again, to copy again or to remove. */
export function damageRemedies(damage: readonly Damage[]): Remedy[] {
  const media = [...new Set(damage.map((one) => one.medium))];
  return media.map((medium) =>
    steps(
      ...mediumSteps(
        medium,
        damage.filter((one) => one.medium === medium),
      ),
    ),
  );
}

function mediumSteps(medium: string, damage: readonly Damage[]): string[] {
  const pathsOf = (...kinds: Damage['kind'][]) => [
    ...new Set(damage.filter((one) => kinds.includes(one.kind)).map((one) => one.path)),
  ];
  const unreadable = pathsOf('unreadable');
  const spoilt = pathsOf('block', 'truncated', 'too-long', 'missing-file', 'not-a-file', 'digest', 'unreadable');
  const extra = pathsOf('extra-file');
  return [
    ...(pathsOf('missing-medium').length > 0 ? [`Put in ${medium} too, or verify it on its own later.`] : []),
    ...(pathsOf('missing-head').length > 0 ? ['Put in the last medium too: it lists the whole bundle.'] : []),
    ...(unreadable.length > 0 ? [`Try ${medium} in another port or reader first: it answers with read errors.`] : []),
    ...(spoilt.length > 0
      ? [
          `Copy ${spoilt.length === 1 ? 'this file' : `these ${spoilt.length} files`} of ${medium} again, from the packing side or from another copy of ${medium}; the rest can stay: ${shortList(spoilt)}`,
        ]
      : []),
    ...(extra.length > 0 ? [`Remove from ${medium} what nobody signed (it is never used): ${shortList(extra)}`] : []),
  ];
}

function shortList(paths: readonly string[]): string {
  const more = paths.length - shownPaths;
  return `${paths.slice(0, shownPaths).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
