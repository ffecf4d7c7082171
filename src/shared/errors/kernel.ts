import { command, spec, steps } from './define.ts';

/** Errors of the typed calls, the jobs and the lock. */
export const kernelErrors = {
  'rpc.unknown-method': spec<{ method: string }>({
    exitCode: 2,
    message: ({ method }) => `There is no method "${method}".`,
    remedies: () => [steps('Both sides must run the same version of Sealift: restart the older one.')],
  }),
  'rpc.bad-frame': spec<{ reason: string }>({
    exitCode: 4,
    message: ({ reason }) => `A message was refused: ${reason}.`,
    remedies: () => [steps('Both sides must run the same version of Sealift: restart the older one.')],
  }),
  'rpc.bad-answer': spec<{ method: string; issues: string[] }>({
    exitCode: 4,
    message: ({ method, issues }) => `The answer of ${method} does not fit its contract: ${issues.join('; ')}`,
    remedies: () => [steps('Both sides must run the same version of Sealift: restart the older one.')],
  }),
  'rpc.too-busy': spec<{ limit: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ limit }) => `More than ${limit} calls are open on one connection.`,
    remedies: () => [steps('Wait until earlier calls have ended, then try again.')],
  }),
  'rpc.closed': spec<{ peer: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ peer }) => `The connection to ${peer} closed before the answer came.`,
    remedies: () => [
      steps('Try it again: every step is safe to repeat.', 'If it closes again, look at the last lines of its log.'),
    ],
  }),
  'rpc.read-only': spec<{ method: string; owner: string }>({
    exitCode: 3,
    message: ({ method, owner }) => `${method} changes things, and ${owner} holds the lock.`,
    remedies: () => [steps('Wait until the other Sealift has ended, then try again.')],
  }),
  'lock.held': spec<{ home: string; owner: string; since: string; page?: string }>({
    exitCode: 3,
    retryable: true,
    message: ({ home, owner, since }) => `Another Sealift (${owner}, since ${since}) is working in ${home}.`,
    remedies: ({ page }) => [
      steps(
        ...(page ? [`Do it in a browser that is signed in to ${page}`] : []),
        page
          ? 'Or end that one with Ctrl-C, then run the command again.'
          : 'Wait until it has ended, then run the command again.',
        'Or give this one a data folder of its own with --home DIR.',
      ),
      command('See what it does', 'sealift jobs'),
    ],
  }),
  'job.unknown': spec<{ id: string }>({
    exitCode: 2,
    message: ({ id }) => `There is no job "${id}".`,
    remedies: () => [command('List the jobs', 'sealift jobs')],
  }),
};
