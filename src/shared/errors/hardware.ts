import { bytesText } from '../bytes-text.ts';
import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the catalogue: models, hardware rows, versions. */
const catalogErrors = {
  'catalog.damaged': spec<{ path: string; issues: string[] }>({
    exitCode: 4,
    message: ({ path, issues }) => `The catalogue file ${path} cannot be used: ${issues.join('; ')}`,
    remedies: ({ path }) => [
      steps(
        `If you changed ${path}, correct the named rows.`,
        'Otherwise install Sealift again from the medium: its files are listed with checksums in SHA256SUMS.',
      ),
    ],
  }),
  'catalog.version-too-old': spec<{ given: string; first: string }>({
    exitCode: 3,
    message: ({ given, first }) => `GitLab ${given} has no self-hosted models: they began with ${first}.`,
    remedies: ({ first }) => [
      steps(`Upgrade GitLab to ${first} or later; 17.9 is the first version where they are generally available.`),
      command('See the models of the newest version', 'sealift models'),
    ],
  }),
};

/** Errors of the area hardware. */
export const hardwareErrors = {
  ...catalogErrors,
  'hardware.report-name': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `The report cannot be written to ${path}: its name must end in .html, .pdf or .json.`,
    remedies: () => [steps('Name a file that ends in .html (to read), .pdf (to print) or .json (for programs).')],
  }),
  'hardware.carry-out-name': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `The carry-out file cannot be written to ${path}: its name must end in .json.`,
    remedies: () => [steps('Name a file that ends in .json. The page (.html) names this machine and stays here.')],
  }),
  'hardware.measure-small': spec<{ path: string; leastBytes: number }>({
    exitCode: 2,
    message: ({ path, leastBytes }) =>
      `${path} is no plain file of at least ${bytesText(leastBytes)}: it cannot be measured.`,
    remedies: () => [steps('Name a folder on the disk (a file is made there and removed again), or a larger file.')],
  }),
  'hardware.measure-space': spec<{ path: string; neededBytes: number }>({
    exitCode: 3,
    message: ({ path, neededBytes }) =>
      `${path} has less than ${bytesText(neededBytes)} free: nothing is written there to measure.`,
    remedies: ({ path }) => [steps(`Name a large file on that disk instead, or free space: df -h ${shellWord(path)}`)],
  }),
  'hardware.readiness-invalid': spec<{ path: string; issues: string[] }>({
    exitCode: 2,
    message: ({ path, issues }) => `${path} is no readiness file that can be used: ${issues.join('; ')}`,
    remedies: () => [
      steps('Make a new one on the machine that it is about, and carry that file.'),
      command('Make a readiness file', 'sealift check --report readiness.json'),
    ],
  }),
};
