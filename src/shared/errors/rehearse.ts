import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors from the rehearsal. */
export const rehearseErrors = {
  'rehearse.folder-not-empty': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} contains files that no rehearsal created.`,
    remedies: () => [command('Name an empty or new folder', 'sealift rehearse --dir DIR')],
  }),
  'rehearse.kept': spec<{ path: string; home: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} contains a kept rehearsal.`,
    remedies: ({ path, home }) => [
      command('Look at it in a browser', `sealift --home ${shellWord(home)} serve`),
      command('Stop and remove it, then rehearse again', `sealift rehearse --dir ${shellWord(path)} --replace`),
      command('Rehearse in another folder', 'sealift rehearse --dir DIR'),
    ],
  }),
  'rehearse.running': spec<{ path: string; owner: string; since: string }>({
    exitCode: 3,
    retryable: true,
    message: ({ path, owner, since }) => `A rehearsal is running in ${path} (${owner}, since ${since}).`,
    remedies: () => [
      steps('Wait until it has ended, then rehearse again.'),
      command('Or rehearse in another folder', 'sealift rehearse --dir DIR'),
    ],
  }),
  'rehearse.red-hop': spec<{ hop: string; report: string }>({
    exitCode: 4,
    message: ({ hop, report }) => `The rehearsal's probe failed at "${hop}". The evidence is in ${report}.`,
    remedies: ({ report }) => [
      steps(
        `Read the cause and its remedies in ${report}.`,
        'Run the rehearsal again. If it fails again, Sealift does not work on this machine.',
      ),
    ],
  }),
};
