import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

const undo = (site: string) => `sealift rollback --site ${shellWord(site)}`;

/** Errors about upgrades of a site. */
export const upgradeErrors = {
  'upgrade.no-gateway-image': spec<{ site: string; gitlab: string; image: string; tag: string; known: string[] }>({
    exitCode: 3,
    message: ({ gitlab, image }) => `No image of ${image} for GitLab ${gitlab} was imported.`,
    remedies: ({ tag, known }) => [
      steps(
        `Have the newest gateway image ${tag} packed, and name its media: sealift upgrade DIR…`,
        ...(known.length > 0 ? [`Imported so far: ${known.join(', ')}.`] : []),
        'If the image has another name, write it as gateway.image into a copy of the site file, and pass that with --file.',
      ),
    ],
  }),
  'upgrade.trial-failed': spec<{ site: string; problem: string }>({
    exitCode: 4,
    message: ({ site, problem }) =>
      `The new state of ${site} failed next to the running one, which was not touched: ${problem}`,
    remedies: ({ site }) => [
      steps(
        'Correct what the message names, or have another image packed, then upgrade again.',
        `See what is running now: sealift status --site ${shellWord(site)}`,
      ),
    ],
  }),
  'upgrade.return-failed': spec<{ site: string; problem: string; why: string }>({
    exitCode: 4,
    message: ({ site, problem, why }) =>
      `${site} could not be returned to its earlier state: ${problem} (The upgrade was undone because ${why}.)`,
    remedies: ({ site }) => [
      command('Try to return again', undo(site)),
      steps('The earlier site file is kept in the folder of the site, as upgrade/old.yaml.'),
    ],
  }),
  'upgrade.no-previous': spec<{ site: string }>({
    exitCode: 3,
    message: ({ site }) =>
      `${site} has no earlier state to return to: it was not upgraded, or the upgrade was already rolled back.`,
    remedies: () => [
      command('Deploy another state', 'sealift deploy SITE.yaml'),
      steps('"sealift upgrade" keeps the earlier state; "sealift deploy" keeps none.'),
    ],
  }),
};
