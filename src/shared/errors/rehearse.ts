import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the rehearsal. */
export const rehearseErrors = {
  'rehearse.folder-not-empty': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} holds files that no rehearsal made.`,
    remedies: () => [command('Name an empty or a new folder', 'sealift rehearse --dir DIR')],
  }),
  'rehearse.kept': spec<{ path: string; home: string }>({
    exitCode: 3,
    message: ({ path }) => `A rehearsal that was kept lies in ${path}.`,
    remedies: ({ path, home }) => [
      command('See whether it runs', `sealift --home ${shellWord(home)} status`),
      command('Stop and remove it, and rehearse anew', `sealift rehearse --dir ${shellWord(path)} --replace`),
      command('Rehearse in another folder', 'sealift rehearse --dir DIR'),
    ],
  }),
  'rehearse.red-hop': spec<{ hop: string; report: string }>({
    exitCode: 4,
    message: ({ hop, report }) => `The rehearsal's probe stopped at ${hop}. What was seen stands in ${report}.`,
    remedies: ({ report }) => [
      steps(
        `Read the cause and its remedies in ${report}.`,
        'Run the rehearsal again; if it stops again, Sealift does not work on this machine.',
      ),
    ],
  }),
};
