import { command, spec, steps } from './define.ts';

/** Errors of the rehearsal. */
export const rehearseErrors = {
  'rehearse.folder-not-empty': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} holds files that no rehearsal made.`,
    remedies: () => [command('Name an empty or a new folder', 'sealift rehearse --dir DIR')],
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
