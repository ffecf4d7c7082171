import { command, spec, steps } from './define.ts';

/** Errors of the area report. */
export const reportErrors = {
  'report.no-site': spec<{ site: string }>({
    exitCode: 2,
    message: ({ site }) => `The site ${site} was not deployed from this data folder: there is nothing to report on.`,
    remedies: () => [
      command('Deploy it first', 'sealift deploy SITE.yaml'),
      steps('If it was deployed from another data folder, name that one with --home DIR.'),
    ],
  }),
  'report.evidence-broken': spec<{ path: string; issues: string[] }>({
    exitCode: 4,
    message: ({ path, issues }) => `${path} is not as Sealift writes it: ${issues.join('; ')}`,
    remedies: () => [
      steps('Run the step that wrote it again (deploy, gitlab apply or probe), then write the report again.'),
    ],
  }),
  'report.no-browser': spec<Record<string, never>>({
    exitCode: 3,
    message: () =>
      'No browser was found that prints to PDF: Chromium, Google Chrome or Microsoft Edge is needed for it.',
    remedies: () => [
      steps(
        'Write the page instead (a name that ends in .html), and print it to PDF in any browser, here or on another machine.',
        "Or install Chromium from this system's packages, carried in with a bundle.",
      ),
    ],
  }),
  'report.print-failed': spec<{ browser: string; said: string }>({
    exitCode: 4,
    message: ({ browser, said }) => `${browser} printed no PDF: ${said}`,
    remedies: () => [steps('Write the page instead (a name that ends in .html), and print it to PDF in any browser.')],
  }),
  'report.not-a-report': spec<{ path: string; problem: string }>({
    exitCode: 2,
    message: ({ path, problem }) => `${path} holds no signed report: ${problem}.`,
    remedies: () => [steps('Name the folder that holds report.html, report.json and report.dsse.json.')],
  }),
  'report.bad-signature': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The signature in ${path} does not fit what it signs: it was changed or damaged.`,
    remedies: () => [
      command('Write the report again from the evidence', 'sealift report SITE.yaml --out DIR'),
      steps('Or fetch an undamaged copy.'),
    ],
  }),
};
