import { spec, steps } from './define.ts';

/** Errors from working out what a site needs. */
export const needsErrors = {
  'needs.contradict': spec<{ reasons: string[]; ways: string[] }>({
    exitCode: 3,
    message: ({ reasons }) => `Cannot work out what the site needs: ${reasons.join(' ')}`,
    remedies: ({ ways }) => [steps(...ways, 'Then work it out again.')],
  }),
};
