import { shellWord } from '../shell-word.ts';
import { command, spec } from './define.ts';

/** Errors of the area probe. */
export const probeErrors = {
  'probe.not-deployed': spec<{ site: string; siteFile: string; missing: string }>({
    exitCode: 3,
    message: ({ site, missing }) =>
      `The site ${site} has no ${missing} yet: it was not deployed with this data folder.`,
    remedies: ({ siteFile }) => [
      command('Deploy it', `sealift deploy ${shellWord(siteFile)}`),
      command('Or name the data folder where it was deployed', `sealift --home DIR probe ${siteFile}`),
    ],
  }),
};
