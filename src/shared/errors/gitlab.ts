import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the area gitlab. */
export const gitlabErrors = {
  'gitlab.version-unsupported': spec<{ version: string; oldest: string }>({
    exitCode: 3,
    message: ({ version, oldest }) =>
      `GitLab ${version} cannot use self-hosted models: they came with GitLab ${oldest}.`,
    remedies: () => [steps('Upgrade GitLab, best to 18.9 or later, with packages carried in on a medium.')],
  }),
  'gitlab.version-unreal': spec<{ version: string; last: string }>({
    exitCode: 2,
    message: ({ version, last }) => `There is no GitLab ${version}: ${last} was the last of its major version.`,
    remedies: () => [
      steps(
        'Read the version in the Admin area or with: sudo gitlab-rake gitlab:env:info',
        'Give it as 18.9 or 18.9.1.',
      ),
    ],
  }),
  'gitlab.version-mismatch': spec<{ found: string; expected: string; siteFile: string }>({
    exitCode: 3,
    message: ({ found, expected }) =>
      `GitLab says that it is ${found}, but the site file names ${expected}: other settings belong to it.`,
    remedies: ({ found, siteFile }) => [
      steps(
        `Set gitlab.version to "${found}" in ${siteFile}, then deploy again: the gateway's image must match it too.`,
      ),
      command('See what that version needs', `sealift gitlab plan --gitlab ${found}`),
    ],
  }),
  'gitlab.apply-by-hand': spec<{ version: string; era: string; siteFile: string }>({
    exitCode: 3,
    message: ({ version, era }) =>
      `GitLab ${version} (${era}) is set up on its host and in the Admin area; only 18.4 and later can be set by Sealift.`,
    remedies: ({ siteFile }) => [command('Print the steps', `sealift gitlab plan ${shellWord(siteFile)}`)],
  }),
  'gitlab.family-too-new': spec<{ family: string; since: string; version: string }>({
    exitCode: 3,
    message: ({ family, since, version }) =>
      `GitLab ${version} does not know the model family ${family}: it came with ${since}.`,
    remedies: ({ since, version }) => [
      steps(`Set model.family in the site file to a family of GitLab ${version}, or upgrade GitLab to ${since}.`),
      command('See the families', 'sealift models'),
    ],
  }),
  'gitlab.token-missing': spec<{ simulated: boolean; path: string }>({
    exitCode: 2,
    message: ({ simulated, path }) =>
      simulated ? `The simulated GitLab has no token yet: ${path}` : 'An admin token of GitLab is needed.',
    remedies: ({ simulated }) =>
      simulated
        ? [command('Deploy the site first: it makes the token', 'sealift deploy SITE.yaml')]
        : [
            steps(
              'Make a personal access token with the scope api as an administrator: GitLab > Preferences > Access tokens.',
              'Put it in a file of mode 0600 and name it with --token-file FILE, or in the variable SEALIFT_GITLAB_TOKEN.',
            ),
          ],
  }),
  'gitlab.token-refused': spec<{ url: string; status: number; what: string }>({
    exitCode: 3,
    message: ({ url, status, what }) => `${what} at ${url} refused the token (${status}).`,
    remedies: () => [
      steps(
        'Use a token with the scope api of an administrator, not expired and not revoked.',
        'Check it: curl --header @FILE <gitlab>/api/v4/version, where FILE holds the line PRIVATE-TOKEN: <token>',
      ),
    ],
  }),
  'gitlab.unreachable': spec<{ url: string; failure: string; what: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ url, failure, what }) => `${what} does not answer at ${url}: ${failure}.`,
    remedies: ({ url }) => [
      steps(`Check gitlab.url in the site file, and that this machine reaches it: curl --head ${url}`),
      command('For a simulated GitLab: start the site', 'sealift start'),
    ],
  }),
  'gitlab.bad-answer': spec<{ url: string; problem: string; what: string }>({
    exitCode: 4,
    message: ({ url, problem, what }) => `${what} at ${url} gave an answer that cannot be used: ${problem}`,
    remedies: () => [
      steps(
        'Check that gitlab.url in the site file is GitLab itself and not a proxy, a sign-in page or another service.',
        'A redirect is not followed: write the final address into the site file.',
      ),
    ],
  }),
  'gitlab.refused': spec<{ operation: string; errors: string[]; what: string }>({
    exitCode: 4,
    message: ({ operation, errors, what }) => `${what} refused ${operation}: ${errors.join('; ')}`,
    remedies: ({ errors }) => [
      steps(
        'Correct the named value in the site file, then apply again.',
        'If a permission is missing: the licence needs the add-on GitLab Duo Enterprise, and the token an administrator.',
      ),
      ...(errors.some((one) => /local|private|allow|blocked/i.test(one))
        ? [steps('Add the gateway to Admin > Settings > Network > Outbound requests, then apply again.')]
        : []),
    ],
  }),
};
