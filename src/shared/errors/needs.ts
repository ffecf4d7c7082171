import { spec, steps } from './define.ts';

/** Errors from working out what a site needs. */
export const needsErrors = {
  'needs.contradict': spec<{ reasons: string[]; ways: string[] }>({
    exitCode: 3,
    message: ({ reasons }) => `Cannot work out what the site needs: ${reasons.join(' ')}`,
    remedies: ({ ways }) => [steps(...ways, 'Then work it out again.')],
  }),
  'upgrade.version-unknown': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) =>
      `${path} says neither which GitLab version the site has nor one version of the AI Gateway alone, so an upgrade can't be planned.`,
    remedies: () => [
      steps(
        'Add the version of the site: --gitlab 18.9',
        'Or take a new inventory on the machine where the site is deployed: sealift inventory --out inventory.json',
      ),
    ],
  }),
};
