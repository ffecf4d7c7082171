import { bytesText } from '../bytes-text.ts';
import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors about the catalogue: models, hardware rows, versions. */
const catalogErrors = {
  'catalog.damaged': spec<{ path: string; issues: string[] }>({
    exitCode: 4,
    message: ({ path, issues }) => `Cannot use the catalogue file ${path}: ${issues.join('; ')}`,
    remedies: ({ path }) => [
      steps(
        `If you edited ${path}, correct those rows.`,
        'Otherwise install Sealift again from the medium; SHA256SUMS there lists the checksums of its files.',
      ),
    ],
  }),
  'catalog.version-too-old': spec<{ given: string; first: string }>({
    exitCode: 3,
    message: ({ given, first }) => `GitLab ${given} has no self-hosted models: they were added in ${first}.`,
    remedies: ({ first }) => [
      steps(`Upgrade GitLab to ${first} or later; 17.9 is the first version where they are generally available.`),
      command('List the models for the newest version', 'sealift models'),
    ],
  }),
};

/** Errors about the machine check. */
export const hardwareErrors = {
  ...catalogErrors,
  'hardware.report-name': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `Cannot write the report to ${path}: its name must end in .html, .pdf or .json.`,
    remedies: () => [steps('Name a file that ends in .html (to read), .pdf (to print) or .json (for programs).')],
  }),
  'hardware.carry-out-name': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `Cannot write the readiness file to ${path}: its name must end in .json.`,
    remedies: () => [
      steps('Name a file that ends in .json. The page (.html) identifies this machine, so it stays here.'),
    ],
  }),
  'hardware.measure-small': spec<{ path: string; leastBytes: number }>({
    exitCode: 2,
    message: ({ path, leastBytes }) =>
      `Cannot measure ${path}: it is not a regular file of at least ${bytesText(leastBytes)}.`,
    remedies: () => [steps('Name a folder on the disk (a file is created there and removed again), or a larger file.')],
  }),
  'hardware.measure-space': spec<{ path: string; neededBytes: number }>({
    exitCode: 3,
    message: ({ path, neededBytes }) =>
      `Cannot measure ${path}: less than ${bytesText(neededBytes)} are free there, so no test file was written.`,
    remedies: ({ path }) => [
      steps(`Name a large file on that disk instead, or free space there. See: df -h ${shellWord(path)}`),
    ],
  }),
  'hardware.readiness-invalid': spec<{ path: string; issues: string[] }>({
    exitCode: 2,
    message: ({ path, issues }) => `${path} is not a usable readiness file: ${issues.join('; ')}`,
    remedies: () => [
      steps('Create a new one on the machine in question, and bring that file here.'),
      command('Create a readiness file', 'sealift check --report readiness.json'),
    ],
  }),
};
