import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors from the probe. */
export const probeErrors = {
  'probe.none': spec<{ site: string; siteFile: string }>({
    exitCode: 3,
    message: ({ site }) => `The site ${site} was not probed yet from this data folder.`,
    remedies: ({ siteFile }) => [command('Probe it', `sealift probe ${shellWord(siteFile)}`)],
  }),
  'probe.not-deployed': spec<{ site: string; siteFile: string; missing: string }>({
    exitCode: 3,
    message: ({ site, missing }) =>
      `The site ${site} has no ${missing} yet: it was not deployed from this data folder.`,
    remedies: ({ siteFile }) => [
      command('Deploy it', `sealift deploy ${shellWord(siteFile)}`),
      steps('Or name the data folder that it was deployed from, with --home.'),
    ],
  }),
};
