import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/* What lies in the way where no right would help. */
const obstacles = {
  'read-only': {
    what: 'it is write-protected or mounted read-only',
    todo: 'Take off the write protection (a switch on the medium, or mount it for writing), or name another folder. See: mount',
  },
  'no-folder': {
    what: 'a part of that path is a file, or takes no folders',
    todo: 'Name a path of which every part but the last is a folder.',
  },
  folder: { what: 'a folder lies there', todo: 'Name a file, or remove that folder if nothing in it is needed.' },
};

/** Errors that belong to no single area. */
export const generalErrors = {
  internal: spec<{ ref: string }>({
    exitCode: 4,
    message: ({ ref }) => `Something went wrong inside Sealift (reference ${ref}).`,
    remedies: ({ ref }) => [
      steps(
        'Try it again: every step is safe to repeat.',
        `If it fails again, look for ${ref} in errors.log of the data folder (or in the lines above) and report what stands there.`,
      ),
    ],
  }),
  interrupted: spec<{ what: string; resumes: boolean }>({
    exitCode: 130,
    retryable: true,
    message: ({ what }) => `${what} was interrupted before it was complete.`,
    remedies: ({ resumes }) => [
      steps(`Run the same command again: it ${resumes ? 'goes on where it stopped' : 'starts from the beginning'}.`),
    ],
  }),
  'window.unexpected': spec<Record<string, never>>({
    exitCode: 4,
    retryable: true,
    message: () => 'This page met something it did not expect.',
    remedies: () => [steps('Reload the page: nothing that runs is stopped by that.')],
  }),
  'output.failed': spec<Record<string, never>>({
    exitCode: 4,
    message: () => 'The result could not be written to standard output; what the command did is done.',
    remedies: () => [
      steps('Free space where standard output goes, or let it go elsewhere, then run the command again.'),
    ],
  }),
  'home.unusable': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} cannot be the data folder: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Name another folder with --home DIR or in the variable SEALIFT_HOME.`,
        `See what lies there: ls -ld ${shellWord(path)}`,
      ),
    ],
  }),
  'usage.unknown-command': spec<{ given: string; known: string[]; group: string }>({
    exitCode: 2,
    message: ({ given }) => `There is no command "${given}".`,
    remedies: ({ known, group }) => [
      steps(`Use one of: ${known.join(', ')}.`, `See: sealift ${group} --help`.replace('  ', ' ')),
    ],
  }),
  'usage.invalid': spec<{ problem: string; command: string }>({
    exitCode: 2,
    message: ({ problem }) => `The command line cannot be used: ${problem}`,
    remedies: ({ command }) => [steps(`See: sealift ${command} --help`.replace('  ', ' '))],
  }),
  'input.invalid': spec<{ what: string; issues: string[] }>({
    exitCode: 2,
    message: ({ what, issues }) => `${what} is not valid: ${issues.join('; ')}`,
    remedies: () => [steps('Correct what is named and try again.')],
  }),
  'file.missing': spec<{ path: string; what: string }>({
    exitCode: 2,
    message: ({ path, what }) => `${what} was not found: ${path}`,
    remedies: ({ path }) => [
      steps(`Check the path ${path}; if it lies on a medium, that this one is plugged in and mounted.`),
    ],
  }),
  'file.too-large': spec<{ path: string; limitBytes: number; sizeBytes: number }>({
    exitCode: 3,
    message: ({ path, sizeBytes, limitBytes }) => `${path} has ${sizeBytes} bytes; at most ${limitBytes} are read.`,
    remedies: ({ path }) => [
      steps(`Check that ${path} is the file you meant: nothing that Sealift writes there is so large.`),
    ],
  }),
  'file.denied': spec<{ path: string; action: 'read' | 'write'; obstacle?: keyof typeof obstacles }>({
    exitCode: 3,
    message: ({ path, action, obstacle }) =>
      `Sealift may not ${action} ${path}${obstacle ? `: ${obstacles[obstacle].what}` : ''}.`,
    remedies: ({ path, action, obstacle }) => [
      obstacle
        ? steps(obstacles[obstacle].todo)
        : steps(
            `Give the current user the right to ${action} ${path}, or name another folder.`,
            `See who owns it: ls -ld ${shellWord(path)}`,
          ),
    ],
  }),
  'file.failed': spec<{ path: string; action: 'read' | 'write'; reason: string }>({
    exitCode: 4,
    message: ({ path, action, reason }) => `Sealift could not ${action} ${path}: ${reason}.`,
    remedies: ({ path }) => [
      steps(`See what lies there: ls -ld ${shellWord(path)}`, 'Name another path, or correct this one.'),
    ],
  }),
  'file.silent': spec<{ path: string; timeoutMs: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ path, timeoutMs }) => `${path} did not answer within ${timeoutMs / 1000} s.`,
    remedies: ({ path }) => [
      steps(`Check that the disk, stick or server behind ${path} is there, or name a folder elsewhere. See: mount`),
    ],
  }),
  /** `media`: those that a bundle was to be packed onto. */
  'space.short': spec<{ path: string; neededBytes: number; freeBytes: number; media?: string[] }>({
    exitCode: 3,
    message: ({ path, neededBytes, freeBytes, media }) =>
      `Not enough space at ${path}: ${neededBytes} bytes are needed, ${freeBytes} ${media ? 'can be used' : 'are free'}.`,
    remedies: ({ path, media }) => [
      steps(
        media
          ? 'Name one more medium with --to, take larger ones, or raise --medium-size where it was given.'
          : `Free space on the filesystem of ${path}, or choose a folder on another one.`,
        `See: df -h ${(media ?? [path]).map(shellWord).join(' ')}`,
      ),
    ],
  }),
  'space.ran-out': spec<{ path: string }>({
    exitCode: 3,
    retryable: true,
    message: ({ path }) => `The filesystem of ${path} became full while Sealift wrote to it.`,
    remedies: ({ path }) => [steps(`Free space on the filesystem of ${path}, then run the same command again.`)],
  }),
  'medium.gone': spec<{ path: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ path }) => `Reading ${path} failed: the medium answered with an input/output error or went away.`,
    remedies: () => [
      steps('Plug the medium in again, in another port if it happens twice, and run the same command again.'),
    ],
  }),
};
