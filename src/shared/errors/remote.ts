import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/** Whose login helps, and how a person gets it: `name` is the registry or host that BUNDLE.yaml names, whichever host answered. */
type Way = { name: string; way: 'docker' | 'hub' | 'none' };

const hubLogin = 'Log in: hf auth login. Or set HF_TOKEN to an access token with read rights where Sealift is started.';
const dockerLogin = (name: string) =>
  `docker login ${shellWord(name)}. Sealift reads the logins and credential helpers of Docker's config.json.`;

/** Errors from the registries and servers that BUNDLE.yaml names. */
export const remoteErrors = {
  'remote.unreachable': spec<{ host: string; reason: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ host, reason }) => `Cannot reach ${host}: ${reason}.`,
    remedies: ({ host }) => [
      steps(
        `Check the name in BUNDLE.yaml, and whether this machine reaches it: curl --head ${shellWord(`https://${host}/`)}`,
        'Behind a proxy, set HTTPS_PROXY, with a login if it needs one, and NO_PROXY for hosts inside your network. Then run the same command again.',
        'An interrupted packing resumes where it stopped.',
      ),
    ],
  }),
  'remote.certificate': spec<{ host: string; reason: string }>({
    exitCode: 3,
    message: ({ host, reason }) => `The certificate of ${host} is not trusted: ${reason}.`,
    remedies: ({ host, reason }) => [
      steps(
        ...(/not yet valid|expired/i.test(reason) ? ["Check this machine's clock first: date"] : []),
        `If ${host} or a proxy in between uses a certificate authority of your own, name the file with its certificate (PEM) in BUNDLE.yaml, under network: ca`,
        `See what is presented: echo Q | openssl s_client -connect ${shellWord(/:\d+$/.test(host) ? host : `${host}:443`)} -showcerts`,
      ),
    ],
  }),
  'remote.unauthorised': spec<{ host: string; what: string; login: string; answer: string } & Way>({
    exitCode: 3,
    message: ({ host, what, login, answer }) => `${host} refuses access to ${what} ${login}: ${answer}.`,
    remedies: ({ name, way }) => [
      way === 'none'
        ? steps(
            'Sealift sends no login for files, charts and packages: download what you need, and name the files in BUNDLE.yaml with `paths`.',
          )
        : way === 'docker'
          ? steps(
              `Log in: ${dockerLogin(name)}`,
              'Some registries answer this way for a name that does not exist: check `reference` in BUNDLE.yaml.',
            )
          : steps(
              hubLogin,
              'Check `repository` in BUNDLE.yaml: the Hub does not say whether a repository is private or missing.',
            ),
    ],
  }),
  'remote.gated': spec<{ host: string; repository: string }>({
    exitCode: 3,
    message: ({ repository }) =>
      `${repository} is gated: its publisher gives access only to people who accepted its terms.`,
    remedies: ({ host, repository }) => [
      steps(
        `Sign in at https://${host}/${repository}, accept the terms, and wait for approval where the publisher decides by hand.`,
        `Use a token of that account. ${hubLogin}`,
      ),
    ],
  }),
  'remote.absent': spec<{ host: string; what: string; near: string[] }>({
    exitCode: 2,
    message: ({ host, what, near }) =>
      `${host} has no ${what}.${near.length > 0 ? ` Similar names: ${near.join(', ')}.` : ''}`,
    remedies: () => [steps('Correct the name in BUNDLE.yaml, then run the same command again.')],
  }),
  'remote.busy': spec<{ host: string; status: number; waitSeconds: number } & Way>({
    exitCode: 4,
    retryable: true,
    message: ({ host, status, waitSeconds }) =>
      `${host} ${status === 429 ? 'limits the rate of requests' : 'reports a fault'} (HTTP ${status})${waitSeconds > 0 ? `, and asks to wait ${waitSeconds} s` : ''}.`,
    remedies: ({ status, name, way }) => [
      steps(
        'Run the same command again later: it resumes where it stopped.',
        ...(status === 429 && way === 'docker' ? [`A login usually raises the limit: ${dockerLogin(name)}`] : []),
        ...(status === 429 && way === 'hub' ? [`A login usually raises the limit. ${hubLogin}`] : []),
      ),
    ],
  }),
  'remote.odd-answer': spec<{ host: string; what: string; problem: string }>({
    exitCode: 4,
    message: ({ host, what, problem }) => `${host} gave an unusable answer for ${what}: ${problem}.`,
    remedies: ({ host }) => [
      steps(
        `Check that ${host} is what BUNDLE.yaml should name, and that no proxy or login page answers in its place.`,
        'Then run the same command again: it resumes where it stopped.',
      ),
    ],
  }),
  'remote.tags-endless': spec<{ host: string; what: string; pages: number }>({
    exitCode: 4,
    message: ({ host, what, pages }) =>
      `${host} lists the tags of ${what} on more than ${pages} pages, so the newest one is unknown.`,
    remedies: ({ what }) => [
      steps(
        `Name the image with its tag in BUNDLE.yaml, under contents, such as: {kind: image, from: registry, reference: "${what}:…"}. Sealift then does not look for a newer one.`,
        'With a mirror, the reference still names the registry itself.',
      ),
    ],
  }),
  'remote.wrong-bytes': spec<{ url: string; expected: string; found: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ url, expected, found }) => `${url} sent unexpected content: ${found} instead of ${expected}.`,
    remedies: () => [
      steps(
        'Run the same command again: only this file is fetched again.',
        'If that fails too, a proxy or cache in between, or the server itself, has a damaged copy: name another mirror in BUNDLE.yaml.',
      ),
    ],
  }),
  'remote.moved': spec<{ name: string; pinned: string; found: string; lock: string }>({
    exitCode: 3,
    message: ({ name, pinned, found, lock }) =>
      `${name} has changed: it was ${pinned} when ${lock} was written, and is ${found} now.`,
    remedies: ({ lock }) => [
      steps(
        'To pack what the lock file names, run the same command with --moved keep.',
        `To pack what it is now, and note that in ${shellWord(lock)}, run it with --moved take.`,
      ),
    ],
  }),
  'remote.foreign-realm': spec<{ host: string; realm: string }>({
    exitCode: 3,
    message: ({ host, realm }) =>
      `${host} asks for its login to be sent to ${realm}, which is not known to belong to it. Nothing was sent.`,
    remedies: ({ realm }) => [
      steps(
        `If ${realm} is the right place for that login, allow it in BUNDLE.yaml, under network: tokenHosts: [${JSON.stringify(realm)}]`,
        'Otherwise check the registry in BUNDLE.yaml: it should not ask for this.',
      ),
    ],
  }),
  'remote.login-unreadable': spec<{ path: string; problem: string; name: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `Cannot read the login from ${path}: ${problem}.`,
    remedies: ({ name }) => [
      steps(
        `Log in again: docker login ${shellWord(name)}`,
        "A credential helper is named by credsStore or credHelpers in Docker's config.json: install it, or remove that entry.",
        'Then run the same command again.',
      ),
    ],
  }),
};
