import { command, spec, steps } from './define.ts';

/** Errors that the page creates itself. */
export const clientErrors = {
  'window.unexpected': spec<Record<string, never>>({
    exitCode: 4,
    retryable: true,
    message: () => 'This page ran into an unexpected error.',
    remedies: () => [steps('Reload the page. Running jobs are not affected.')],
  }),
  'site.unknown': spec<{ name: string; known: string[] }>({
    exitCode: 2,
    message: ({ name }) =>
      name === '' ? 'The name of the site is empty.' : `No site "${name}" is deployed in this data folder.`,
    remedies: ({ known }) => [
      known.length > 0
        ? steps(`Name one of the deployed sites: ${known.map((one) => `--site ${one}`).join(', ')}.`)
        : command('Deploy the site first', 'sealift deploy SITE.yaml'),
      steps('If the site was deployed from another data folder, name that folder with --home DIR.'),
    ],
  }),
};
