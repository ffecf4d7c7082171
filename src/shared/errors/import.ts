import { bytesText } from '../bytes-text.ts';
import { countText } from '../count-text.ts';
import { shellWord } from '../shell-word.ts';
import { timeText } from '../time-text.ts';
import { command, spec, steps } from './define.ts';

type BaseMissing = {
  /** The base in words. */
  base: string;
  baseKind: 'bundle' | 'inventory';
  /** The first of what is missing. */
  missing: { kind: 'image' | 'model' | 'files'; name: string; blobs: number; bytes: number }[];
  missingCount: number;
  isPodman?: boolean;
};

function missingWords(missing: BaseMissing['missing'], count: number): string {
  const words = missing.slice(0, 5).map(({ kind, name, blobs, bytes }) => {
    return `${countText(blobs, kind === 'image' ? 'layer' : 'file')} of ${kind === 'files' ? 'the files' : `the ${kind}`} ${name} (${bytesText(bytes)})`;
  });
  return [...words, ...(count > words.length ? [`and ${countText(count - words.length, 'more content')}`] : [])].join(
    ', ',
  );
}

/** Errors from importing a bundle. */
export const importErrors = {
  'import.medium-missing': spec<{ labels: string[]; dirs: string[] }>({
    exitCode: 4,
    retryable: true,
    message: ({ labels }) => `These media contain nothing left to import; the bundle still needs ${labels.join(', ')}.`,
    remedies: ({ labels, dirs }) => [
      command(`Insert ${labels[0]}, then run`, `sealift import ${dirs.map(shellWord).join(' ')}`),
    ],
  }),
  'import.older': spec<{ name: string; created: string; newer: { name: string; created: string }; dirs: string[] }>({
    exitCode: 3,
    message: ({ name, created, newer }) =>
      `Bundle ${name} is older, of ${timeText(created)}: ${newer.name} of ${timeText(newer.created)} was imported before.`,
    remedies: ({ dirs }) => [
      steps('Use the newer media. Older content may have flaws that the newer one fixes.'),
      command(
        'Import the older bundle anyway; the report records this',
        `sealift import ${dirs.map(shellWord).join(' ')} --allow-older`,
      ),
    ],
  }),
  'import.model-in-use': spec<{ name: string; sites: string[]; oldDigest: string; newDigest: string }>({
    exitCode: 3,
    message: ({ name, sites, oldDigest, newDigest }) =>
      `Cannot replace the model "${name}" in the store (${oldDigest}) with the one in the bundle (${newDigest}): it is served by ${sites.join(', ')}.`,
    remedies: ({ sites }) => [
      steps(
        'Pack the new model under another name (field `name` in BUNDLE.yaml) and import it: the store can hold both.',
        'Then set the name of that model in the site file to the new one and deploy: the site switches to it at that moment.',
      ),
      command(
        'Or remove the site if it is no longer needed, then import again',
        `sealift uninstall --site ${sites[0]} --keep-weights --yes`,
      ),
    ],
  }),
  'import.unsafe-name': spec<{ name: string; problem: string }>({
    exitCode: 3,
    message: ({ name, problem }) =>
      `The bundle contains an item named ${JSON.stringify(name)}, which is refused: ${problem}.`,
    remedies: () => [
      steps(
        'It was not imported. Tell the packing side: Sealift packs nothing under such a name.',
        'Names of models and file sets have at most 63 lower-case letters, digits, ".", "_" and "-"; images are name:tag.',
      ),
    ],
  }),
  'import.unsafe-path': spec<{ name: string; path: string; problem: string }>({
    exitCode: 3,
    message: ({ name, path, problem }) => `${name} contains the unsafe path ${JSON.stringify(path)}: ${problem}.`,
    remedies: () => [steps('It was not imported. Tell the packing side: Sealift never packs such a path.')],
  }),
  'import.unknown-layer': spec<{ name: string; mediaType: string }>({
    exitCode: 3,
    message: ({ name, mediaType }) =>
      `${name} contains a layer of type "${mediaType}", which Sealift cannot unpack into files.`,
    remedies: () => [
      steps('Pack the model as raw layers, as "sealift bundle pack" does, or use a newer version of Sealift.'),
    ],
  }),
  'import.base-missing': spec<BaseMissing>({
    exitCode: 3,
    message: ({ base, missing, missingCount }) =>
      `The bundle carries only what ${base} lacks, and some of the rest is not here: ${missingWords(missing, missingCount)}.`,
    remedies: ({ base, baseKind, isPodman }) => [
      steps(
        ...(isPodman
          ? ['Podman takes no image without all its layers: on the packing side, pack the images without --base.']
          : []),
        ...(baseKind === 'bundle'
          ? [`Import ${base} from its own media, to this store and engine. Then import this bundle again.`]
          : []),
        `${baseKind === 'bundle' ? 'Or have' : 'Have'} the packing side pack again without --base, or with a new inventory of this site: sealift inventory --out FILE`,
      ),
    ],
  }),
  'import.relied-layers': spec<{ reference: string; layers: number; reason: string }>({
    exitCode: 3,
    retryable: true,
    message: ({ reference, layers, reason }) =>
      `The container engine can't take ${reference}: the bundle leaves out ${countText(layers, 'layer')} that the engine had when the import was planned. ${reason}`,
    remedies: () => [
      steps(
        'Run the same import again: it asks the engine again, and says what is missing.',
        'Do not remove images from the engine meanwhile, by hand or with docker image prune.',
      ),
    ],
  }),
  'inventory.invalid': spec<{ path: string; issues: string[] }>({
    exitCode: 2,
    message: ({ path, issues }) => `${path} is neither a bundle.json nor a usable inventory: ${issues.join('; ')}.`,
    remedies: () => [
      steps('Name the medium with the bundle, the bundle.json that --head wrote, or a new inventory of the site.'),
      command('Write an inventory on the disconnected side', 'sealift inventory --out inventory.json'),
    ],
  }),
  'import.store-damaged': spec<{ path: string; problem: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `The store is damaged: ${path}: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Move ${path} away, then import the bundle again: its content is read from the media again.`,
        'What a bundle packed with --base left out is not on its media: import the bundle that has it first.',
      ),
    ],
  }),
};
