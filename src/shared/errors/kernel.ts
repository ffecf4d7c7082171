import { command, spec, steps } from './define.ts';

/** Errors from the typed calls, the jobs and the lock. */
export const kernelErrors = {
  'rpc.unknown-method': spec<{ method: string }>({
    exitCode: 2,
    message: ({ method }) => `Unknown method "${method}".`,
    remedies: () => [steps('Both sides must run the same version of Sealift: restart the older one.')],
  }),
  'rpc.bad-answer': spec<{ method: string; issues: string[] }>({
    exitCode: 4,
    message: ({ method, issues }) => `The response of ${method} does not match its contract: ${issues.join('; ')}`,
    remedies: () => [steps('Both sides must run the same version of Sealift: restart the older one.')],
  }),
  'rpc.too-busy': spec<{ limit: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ limit }) => `More than ${limit} calls are open on one connection.`,
    remedies: () => [steps('Wait until earlier calls have finished, then try again.')],
  }),
  'rpc.closed': spec<{ peer: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ peer }) => `The connection to ${peer} closed before it responded.`,
    remedies: () => [
      steps('Try again: every step is safe to repeat.', 'If it closes again, check the last lines of its log.'),
    ],
  }),
  'rpc.read-only': spec<{ method: string; owner: string }>({
    exitCode: 3,
    message: ({ method, owner }) => `${method} makes changes, but ${owner} holds the lock.`,
    remedies: () => [steps('Wait until the other Sealift has finished, then try again.')],
  }),
  'lock.held': spec<{
    home: string;
    owner: string;
    since: string;
    page?: string;
    of?: 'store' | 'kept-rehearsal';
  }>({
    exitCode: 3,
    retryable: true,
    message: ({ home, owner, since }) => `Another Sealift (${owner}, since ${since}) is using ${home}.`,
    remedies: ({ page, of }) => {
      // Another data folder would meet the same lock.
      if (of === 'store')
        return [
          steps(
            'Wait until it has finished, then run the command again.',
            'Or use another folder for the store with --store DIR.',
          ),
        ];
      if (of === 'kept-rehearsal')
        return [
          steps(
            page
              ? 'Stop that one with Ctrl-C, then rehearse again.'
              : 'Wait until it has finished, then rehearse again.',
          ),
          command('Or rehearse in another folder', 'sealift rehearse --dir DIR'),
        ];
      return [
        steps(
          ...(page ? [`Do this in a browser that is signed in to ${page}`] : []),
          page
            ? 'Or stop that one with Ctrl-C, then run the command again.'
            : 'Wait until it has finished, then run the command again.',
          'Or use another data folder for this command with --home DIR.',
        ),
        command('See what it is doing', 'sealift jobs'),
      ];
    },
  }),
  'job.running': spec<{ title: string; since: string }>({
    exitCode: 3,
    retryable: true,
    message: ({ title, since }) => `This is already in progress: ${title} (since ${since}).`,
    remedies: () => [
      steps('Wait until it has ended, then try again.', 'Or stop it in the list of jobs first.'),
      command('See how far it is', 'sealift jobs'),
    ],
  }),
  'job.unknown': spec<{ id: string; several?: boolean }>({
    exitCode: 2,
    message: ({ id, several }) =>
      several ? `Several jobs have an id that begins with "${id}".` : `Unknown job "${id}".`,
    remedies: () => [command('List the jobs', 'sealift jobs')],
  }),
};
