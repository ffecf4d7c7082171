import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** How GraphQL words a field, type or argument that a server does not have. */
function isOfAnotherApi(line: string): boolean {
  return /doesn't (exist|accept)|isn't (a )?(defined|valid)|unknown (field|argument|type)|not know the operation/i.test(
    line,
  );
}

/** Errors about GitLab. */
export const gitlabErrors = {
  'gitlab.version-unsupported': spec<{ version: string; oldest: string }>({
    exitCode: 3,
    message: ({ version, oldest }) =>
      `GitLab ${version} cannot use self-hosted models: they were added in GitLab ${oldest}.`,
    remedies: () => [steps('Upgrade GitLab, preferably to 18.9 or later, with packages brought in on a medium.')],
  }),
  'gitlab.version-unreal': spec<{ version: string; last: string }>({
    exitCode: 2,
    message: ({ version, last }) =>
      `GitLab ${version} does not exist: ${last} was the last release of its major version.`,
    remedies: () => [
      steps(
        'Look up the version in the Admin area or with: sudo gitlab-rake gitlab:env:info',
        'Write it as 18.9 or 18.9.1.',
      ),
    ],
  }),
  'gitlab.version-mismatch': spec<{ found: string; expected: string; siteFile: string }>({
    exitCode: 3,
    message: ({ found, expected }) =>
      `GitLab reports version ${found}, but the site file says ${expected}, which needs different settings.`,
    remedies: ({ found, siteFile }) => [
      steps(
        `Set gitlab.version to "${found}" in ${siteFile}, then deploy again. The gateway's image must match that version too.`,
      ),
      command('See what that version needs', `sealift gitlab plan --gitlab ${found}`),
    ],
  }),
  'gitlab.apply-by-hand': spec<{ version: string; siteFile: string }>({
    exitCode: 3,
    message: ({ version }) =>
      `GitLab ${version} must be set up by hand, on its host and in the Admin area. Sealift can configure 18.4 and later.`,
    remedies: ({ siteFile }) => [command('Print the steps', `sealift gitlab plan ${shellWord(siteFile)}`)],
  }),
  'gitlab.step-unknown': spec<{ step: string; known: string[]; siteFile: string }>({
    exitCode: 2,
    message: ({ step }) => `The plan of this site has no step "${step}".`,
    remedies: ({ known, siteFile }) => [
      steps(known.length > 0 ? `Use one of these: ${known.join(', ')}.` : 'Check the steps by hand, as the plan says.'),
      command('Print the steps', `sealift gitlab plan ${shellWord(siteFile)}`),
    ],
  }),
  'gitlab.step-unseen': spec<{ title: string; byProbe: boolean; siteFile: string }>({
    exitCode: 3,
    message: ({ title, byProbe }) =>
      byProbe
        ? `GitLab's settings do not show the step "${title}": the probe checks it.`
        : `GitLab's settings do not show whether the step "${title}" is done.`,
    remedies: ({ byProbe, siteFile }) => [
      byProbe
        ? command('Probe the site', `sealift probe ${shellWord(siteFile)}`)
        : command('See how to check it by hand', `sealift gitlab plan ${shellWord(siteFile)}`),
    ],
  }),
  'gitlab.rb-not-needed': spec<{ version: string; siteFile: string }>({
    exitCode: 3,
    message: ({ version }) => `GitLab ${version}, as it is installed, needs nothing in gitlab.rb for its AI Gateway.`,
    remedies: ({ siteFile }) => [
      command('See where this version is set up', `sealift gitlab plan ${shellWord(siteFile)}`),
      steps('To remove what an earlier version needed, repeat the command with --undo.'),
    ],
  }),
  'gitlab.family-gone': spec<{ field: string; family: string; to: string; version: string }>({
    exitCode: 3,
    message: ({ family, to, version }) =>
      `GitLab ${version} no longer supports the model family ${family}: ${to} was the last version with it.`,
    remedies: ({ field, version }) => [
      steps(`Set ${field} in the site file to a family that GitLab ${version} supports.`),
      command('List the families', 'sealift models'),
    ],
  }),
  'gitlab.platform-too-new': spec<{ platform: string; since: string; version: string }>({
    exitCode: 3,
    message: ({ platform, since, version }) =>
      `The documentation of GitLab ${version} does not list ${platform} as a platform: ${since} is the first that does.`,
    remedies: ({ since }) => [
      steps(
        `Upgrade GitLab to ${since} or later.`,
        'Or choose another platform in the site file, or a model in your network.',
      ),
    ],
  }),
  'gitlab.family-too-new': spec<{ field: string; family: string; since: string; version: string }>({
    exitCode: 3,
    message: ({ family, since, version }) =>
      `GitLab ${version} does not support the model family ${family}, which was added in ${since}.`,
    remedies: ({ field, since, version }) => [
      steps(
        `Set ${field} in the site file to a family that GitLab ${version} supports, or upgrade GitLab to ${since}.`,
      ),
      command('List the families', 'sealift models'),
    ],
  }),
  'gitlab.unfit-model': spec<{ version: string; features: string[]; row: string; source: string }>({
    exitCode: 3,
    message: ({ version, features, row, source }) =>
      `GitLab ${version} does not offer this model for ${features.join(', ')}. GitLab's row: ${row} (${source}).`,
    remedies: ({ version, features }) => [
      steps(`Remove ${features.join(', ')} from features in the site file, or choose another model.`),
      command('List the models of that version', `sealift models --gitlab ${version}`),
    ],
  }),
  'gitlab.front-address': spec<{ host: string }>({
    exitCode: 2,
    message: ({ host }) =>
      `The front listens on all addresses (front.host: ${host}), so the address that the existing gateway should use is unknown.`,
    remedies: () => [
      steps(
        'Set front.host in the site file to the address by which the gateway reaches this machine, then deploy again.',
      ),
    ],
  }),
  'gitlab.token-missing': spec<{ simulated: boolean; path: string }>({
    exitCode: 2,
    message: ({ simulated, path }) =>
      simulated ? `The simulated GitLab has no token yet: ${path}` : 'A GitLab admin token is required.',
    remedies: ({ simulated }) =>
      simulated
        ? [command('Deploy the site first: this creates the token', 'sealift deploy SITE.yaml')]
        : [
            steps(
              'As an administrator, create a personal access token with the scope api: GitLab > Preferences > Access tokens.',
              'Put it in a file with mode 0600 and pass it with --token-file FILE, or set the variable SEALIFT_GITLAB_TOKEN.',
            ),
          ],
  }),
  'gitlab.token-refused': spec<{ url: string; status: number; what: string }>({
    exitCode: 3,
    message: ({ url, status, what }) => `${what} at ${url} rejected the token (${status}).`,
    remedies: () => [
      steps(
        "Use an administrator's token with the scope api that is neither expired nor revoked.",
        'To test it, put the line "PRIVATE-TOKEN: <token>" into FILE and run: curl --header @FILE <gitlab>/api/v4/version',
      ),
    ],
  }),
  'gitlab.unreachable': spec<{ url: string; failure: string; what: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ url, failure, what }) => `${what} does not answer at ${url}: ${failure}.`,
    remedies: ({ url }) => [
      steps(`Check gitlab.url in the site file, and that this machine can reach it: curl --head ${shellWord(url)}`),
      command('For a simulated GitLab, start the site', 'sealift start'),
    ],
  }),
  'gitlab.bad-answer': spec<{ url: string; problem: string; what: string }>({
    exitCode: 4,
    message: ({ url, problem, what }) => `${what} at ${url} returned an unusable response: ${problem}`,
    remedies: () => [
      steps(
        'Check that gitlab.url in the site file points to GitLab itself, not to a proxy, a sign-in page or another service.',
        'Redirects are not followed: use the final address in the site file.',
      ),
    ],
  }),
  'gitlab.refused': spec<{ operation: string; errors: string[]; what: string }>({
    exitCode: 4,
    message: ({ operation, errors, what }) => `${what} rejected ${operation}: ${errors.join('; ')}`,
    remedies: ({ errors }) => [
      errors.some(isOfAnotherApi)
        ? command("This GitLab's API does not match its version: do the steps by hand", 'sealift gitlab plan SITE.yaml')
        : steps(
            'Correct that value in the site file, then apply again.',
            'If a permission is missing: the licence needs the GitLab Duo Enterprise add-on, and the token must belong to an administrator.',
          ),
      ...(errors.some((one) => /local|private|allow|blocked/i.test(one))
        ? [steps('Add the gateway to Admin > Settings > Network > Outbound requests, then apply again.')]
        : []),
    ],
  }),
  'gitlab.undo-by-hand': spec<{ version: string; why: string; lines: string[] }>({
    exitCode: 3,
    message: ({ version, why }) => `What gitlab apply changed must be put back by hand in GitLab ${version}: ${why}.`,
    remedies: ({ lines: [first = 'Compare the settings in the Admin area with your records.', ...rest] }) => [
      steps('Put these back:', first, ...rest),
    ],
  }),
  'gitlab.record-broken': spec<{ path: string; issues: string[] }>({
    exitCode: 4,
    message: ({ path, issues }) => `Cannot read what GitLab's settings were before, in ${path}: ${issues.join('; ')}`,
    remedies: ({ path }) => [
      steps(
        `Restore ${path} from a backup of the data folder.`,
        'Without one, put the settings back by hand in the Admin area, then move that file away: apply starts a new one.',
      ),
    ],
  }),
};
