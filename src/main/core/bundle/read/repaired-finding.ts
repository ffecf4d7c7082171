import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { wereUsed } from '../format/repairs.ts';
import type { OpenMedium } from './open-media.ts';

/** Returns the labels of the media of which blocks were taken from a folder beside them so far. */
export function repairedMedia(media: readonly Pick<OpenMedium, 'label' | 'repairs'>[]): string[] {
  return media.filter(({ repairs }) => repairs && wereUsed(repairs)).map(({ label }) => label);
}

/** Returns a finding that these media are damaged although all could be read; `media` are words for each of them. */
export function repairedFindings(media: readonly string[]): Finding[] {
  if (media.length === 0) return [];
  return [
    {
      id: 'bundle.repaired',
      severity: 'amber',
      title: `Damaged, but repaired by blocks of the folder named beside: ${media.join(', ')}.`,
      consequence:
        'The media alone are still damaged: other tools find that, and so does an import without the folder.',
      remedies: [steps('Name the folder in each import of these media, and keep the two together.')],
    },
  ];
}
