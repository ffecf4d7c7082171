import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/* Obstacles that no permission can remove. */
const obstacles = {
  'read-only': {
    what: 'it is write-protected or mounted read-only',
    todo: 'Remove the write protection (a switch on the medium, or mount it for writing), or name another folder. See: mount',
  },
  'no-folder': {
    what: 'part of that path is a file, or cannot contain folders',
    todo: 'Name a path in which every part except the last is a folder.',
  },
  folder: { what: 'it is a folder', todo: 'Name a file, or remove that folder if you do not need its contents.' },
};

/** Errors that do not belong to a single area. */
export const generalErrors = {
  internal: spec<{ ref: string }>({
    exitCode: 4,
    message: ({ ref }) => `Something went wrong inside Sealift (reference ${ref}).`,
    remedies: ({ ref }) => [
      steps(
        'Try again: every step is safe to repeat.',
        `If it fails again, search for ${ref} in errors.log in the data folder (or in the lines above) and report what you find.`,
      ),
    ],
  }),
  interrupted: spec<{ what: string; resumes: boolean }>({
    exitCode: 130,
    retryable: true,
    message: ({ what }) => `${what} was interrupted before it finished.`,
    remedies: ({ resumes }) => [
      steps(`Try again: it ${resumes ? 'resumes where it stopped' : 'starts from the beginning'}.`),
    ],
  }),
  'output.failed': spec<Record<string, never>>({
    exitCode: 4,
    message: () => 'Could not write the result to standard output. The command itself was completed.',
    remedies: () => [
      steps('Free space where standard output goes, or redirect it elsewhere, then run the command again.'),
    ],
  }),
  'home.unusable': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `Cannot use ${path} as the data folder: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Name another folder with --home DIR or the variable SEALIFT_HOME.`,
        `Check the path: ls -ld ${shellWord(path)}`,
      ),
    ],
  }),
  'network.loopback-down': spec<Record<string, never>>({
    exitCode: 3,
    retryable: true,
    message: () => "This machine's loopback interface (lo) is down, so the programs on it cannot reach each other.",
    remedies: () => [
      steps(
        'Start it, as root: ip link set lo up',
        'To start it at boot too, see how the network is configured here: on Debian, the lines of lo in /etc/network/interfaces.',
        'Then run the same command again.',
      ),
    ],
  }),
  'usage.unknown-command': spec<{ given: string; known: string; group: string }>({
    exitCode: 2,
    message: ({ given }) => `Unknown command "${given}".`,
    remedies: ({ known, group }) => [steps(`Use one of: ${known}.`, `See: sealift ${group} --help`.replace('  ', ' '))],
  }),
  'usage.invalid': spec<{ problem: string; command: string }>({
    exitCode: 2,
    message: ({ problem }) => `Invalid command line: ${problem}`,
    remedies: ({ command }) => [steps(`See: sealift ${command} --help`.replace('  ', ' '))],
  }),
  'input.invalid': spec<{ what: string; issues: string[] }>({
    exitCode: 2,
    message: ({ what, issues }) => `${what} is not valid: ${issues.join('; ')}`,
    remedies: () => [steps('Correct it and try again.')],
  }),
  'file.missing': spec<{ path: string; what: string }>({
    exitCode: 2,
    message: ({ path, what }) => `${what} was not found: ${path}`,
    remedies: ({ path }) => [
      steps(`Check the path ${path}. If it is on a medium, check that the medium is plugged in and mounted.`),
    ],
  }),
  'file.too-large': spec<{ path: string; limitBytes: number; sizeBytes: number }>({
    exitCode: 3,
    message: ({ path, sizeBytes, limitBytes }) =>
      `${path} is too large: it has ${sizeBytes} bytes, and the limit is ${limitBytes}.`,
    remedies: ({ path }) => [
      steps(`Check that ${path} is the file you meant: Sealift never writes a file this large there.`),
    ],
  }),
  'file.denied': spec<{ path: string; action: 'read' | 'write'; obstacle?: keyof typeof obstacles }>({
    exitCode: 3,
    message: ({ path, action, obstacle }) =>
      `Sealift is not allowed to ${action} ${path}${obstacle ? `: ${obstacles[obstacle].what}` : ''}.`,
    remedies: ({ path, action, obstacle }) => [
      obstacle
        ? steps(obstacles[obstacle].todo)
        : steps(
            `Give the current user permission to ${action} ${path}, or name another folder.`,
            `See who owns it: ls -ld ${shellWord(path)}`,
          ),
    ],
  }),
  'file.failed': spec<{ path: string; action: 'read' | 'write'; reason: string }>({
    exitCode: 4,
    message: ({ path, action, reason }) => `Sealift could not ${action} ${path}: ${reason}.`,
    remedies: ({ path }) => [steps(`Check the path: ls -ld ${shellWord(path)}`, 'Name another path, or fix this one.')],
  }),
  'file.silent': spec<{ path: string; timeoutMs: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ path, timeoutMs }) => `${path} did not answer within ${timeoutMs / 1000} s.`,
    remedies: ({ path }) => [
      steps(`Check that the disk, stick or server behind ${path} is connected, or name a folder elsewhere. See: mount`),
    ],
  }),
  /** `media`: the media that the bundle was to be packed onto; `folders`: those on this filesystem, when it is not just `path`. */
  'space.short': spec<{ path: string; neededBytes: number; freeBytes: number; media?: string[]; folders?: string[] }>({
    exitCode: 3,
    message: ({ path, neededBytes, freeBytes, media }) =>
      `Not enough space at ${path}: ${neededBytes} bytes are needed, ${freeBytes} ${media ? 'can be used' : 'are free'}.`,
    remedies: ({ path, media, folders }) => [
      steps(
        media
          ? 'Name one more medium with --to, use larger media, or raise --medium-size if you set it.'
          : `Free space on the filesystem of ${path}, or choose a folder on another one.`,
        `See: df -h ${(media ?? folders ?? [path]).map(shellWord).join(' ')}`,
      ),
    ],
  }),
  /** `freeBytes`: what is left and stays free, when Sealift stopped before the last byte. */
  'space.ran-out': spec<{ path: string; freeBytes?: number }>({
    exitCode: 3,
    retryable: true,
    message: ({ path, freeBytes }) =>
      `The filesystem of ${path} filled up while Sealift was writing to it${freeBytes === undefined ? '' : `: only ${freeBytes} bytes are free, and Sealift leaves those to the rest of the machine`}.`,
    remedies: ({ path }) => [steps(`Free space on the filesystem of ${path}, then try again.`)],
  }),
  'medium.gone': spec<{ path: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ path }) => `${path} cannot be used any more: the medium returned an input/output error or was removed.`,
    remedies: () => [steps('Plug the medium in again (in another port if this happens twice), then try again.')],
  }),
};
