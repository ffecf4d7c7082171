import { command, spec, steps } from './define.ts';

/** Errors about reports. */
export const reportErrors = {
  'report.no-site': spec<{ site: string }>({
    exitCode: 2,
    message: ({ site }) => `Nothing to report on: the site ${site} was not deployed from this data folder.`,
    remedies: () => [
      command('Deploy it first', 'sealift deploy SITE.yaml'),
      steps('If it was deployed from another data folder, name that folder with --home DIR.'),
    ],
  }),
  'report.evidence-broken': spec<{ path: string; issues: string[] }>({
    exitCode: 4,
    message: ({ path, issues }) => `Cannot read the evidence in ${path}: ${issues.join('; ')}`,
    remedies: () => [
      steps('Run the step that wrote it again (deploy, gitlab apply or probe), then write the report again.'),
    ],
  }),
  'report.no-browser': spec<Record<string, never>>({
    exitCode: 3,
    message: () => 'No browser that can print to PDF was found: install Chromium, Google Chrome or Microsoft Edge.',
    remedies: () => [
      steps(
        'Write a page instead (a name that ends in .html), and print it to PDF in any browser, here or on another machine.',
        "Or install Chromium from this system's packages, brought in with a bundle.",
      ),
    ],
  }),
  'report.print-failed': spec<{ browser: string; said: string }>({
    exitCode: 4,
    message: ({ browser, said }) => `${browser} did not print a PDF: ${said}`,
    remedies: () => [steps('Write a page instead (a name that ends in .html), and print it to PDF in any browser.')],
  }),
  'report.not-a-report': spec<{ path: string; problem: string }>({
    exitCode: 2,
    message: ({ path, problem }) => `${path} does not contain a signed report: ${problem}.`,
    remedies: () => [steps('Name the folder that contains report.html, report.json and report.dsse.json.')],
  }),
  'report.bad-signature': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The signature in ${path} does not match the report: one of them was changed or damaged.`,
    remedies: () => [
      command('Write the report again from the evidence', 'sealift report SITE.yaml --out DIR'),
      steps('Or get an undamaged copy.'),
    ],
  }),
};
