import { fewNames } from '../bounded-text.ts';
import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

const again = 'Then run the same command again: it sends only what the registry lacks.';

/** Errors from sending a bundle into the site's own registry. */
export const pushErrors = {
  'push.bad-target': spec<{ target: string; problem: string }>({
    exitCode: 2,
    message: ({ target, problem }) => `${JSON.stringify(target)} is not a path in a registry: ${problem}.`,
    remedies: () => [
      steps(
        'Write it as REGISTRY/PREFIX, such as registry.example:5000/duo. In GitLab and Harbor, the prefix is the path of a project.',
        'Sealift contacts a registry without TLS only if you write http:// before its name.',
      ),
    ],
  }),
  'push.name-clash': spec<{ reference: string; names: string[] }>({
    exitCode: 2,
    message: ({ reference, names }) => `Different contents would become ${reference}: ${fewNames(names)}.`,
    remedies: ({ names }) => [
      steps(`Push one of them under another prefix: the same command with --only ${shellWord(names[0] ?? '')}`),
    ],
  }),
  'push.unknown-content': spec<{ name: string; known: string[] }>({
    exitCode: 2,
    message: ({ name, known }) =>
      `Nothing here is named ${JSON.stringify(name)}.${known.length > 0 ? ` Existing names: ${fewNames(known)}.` : ''}`,
    remedies: () => [steps('Correct the name after --only, or leave it out to push everything.')],
  }),
  'push.empty-store': spec<{ store: string }>({
    exitCode: 2,
    message: ({ store }) => `The store ${store} has no models or files to push.`,
    remedies: () => [steps("Name the bundle's media after the registry: sealift push REGISTRY/PREFIX DIR…")],
  }),
  'push.no-list': spec<{ dirs: string[] }>({
    exitCode: 3,
    message: () => 'These media do not have the list of the whole bundle, which is on the last medium.',
    remedies: () => [steps('Insert the last medium too, and name it as well. Or import the bundle first.')],
  }),
  'push.unreachable': spec<{ host: string; reason: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ host, reason }) => `Cannot push to ${host}: ${reason}.`,
    remedies: ({ host }) => [
      steps(
        `Check the name and port, and whether this machine reaches it: curl --head ${shellWord(`https://${host}/v2/`)}`,
        `If it has no TLS, use http:// in that command, and push to http://${host}/… as well. The login and the content are then sent unencrypted.`,
        'Behind a proxy, name the registry in NO_PROXY where Sealift is started.',
        again,
      ),
    ],
  }),
  'push.unknown-authority': spec<{ host: string; reason: string }>({
    exitCode: 3,
    message: ({ host, reason }) => `The certificate of the registry ${host} is not trusted: ${reason}.`,
    remedies: ({ host }) => [
      steps(
        'Name the file with the certificate of your authority (PEM): --ca FILE',
        `See what is presented: echo Q | openssl s_client -connect ${shellWord(/:\d+$/.test(host) ? host : `${host}:443`)} -showcerts`,
      ),
    ],
  }),
  'push.login-refused': spec<{ host: string; what: string; login: string; answer: string; name: string }>({
    exitCode: 3,
    message: ({ host, what, login, answer }) => `${host} refuses to take ${what} ${login}: ${answer}.`,
    remedies: ({ name }) => [
      steps(
        `Log in with an account or token that may write: docker login ${shellWord(name)}. Sealift reads the logins and credential helpers of Docker's config.json.`,
        'Check the prefix: GitLab and Harbor accept images only under an existing project.',
        again,
      ),
    ],
  }),
  'push.foreign-realm': spec<{ host: string; realm: string }>({
    exitCode: 3,
    message: ({ host, realm }) =>
      `${host} asks for its login to be sent to ${realm}, which is not known to belong to it. Nothing was sent.`,
    remedies: ({ realm }) => [
      steps(
        `If ${realm} is the right place for that login (GitLab's registry names GitLab itself), run the same command with --token-host ${shellWord(realm)}`,
      ),
    ],
  }),
  'push.read-only': spec<{ host: string; answer: string }>({
    exitCode: 3,
    message: ({ host, answer }) => `The registry ${host} is read-only: ${answer}.`,
    remedies: () => [
      steps(
        "End its maintenance: readonly in docker-registry's configuration, or the read-only switch of GitLab or Harbor. A mirror or proxy cache accepts no pushes: name the registry behind it.",
        again,
      ),
    ],
  }),
  'push.full': spec<{ host: string; answer: string }>({
    exitCode: 4,
    message: ({ host, answer }) => `The registry ${host} has no space left: ${answer}.`,
    remedies: () => [
      steps(
        "Give its storage more space, raise the project's quota, or delete old tags and run its garbage collection.",
        again,
      ),
      command('See how much will be sent', 'sealift push REGISTRY/PREFIX DIR… --plan'),
    ],
  }),
  'push.not-taken-over': spec<{ host: string; what: string }>({
    exitCode: 4,
    message: ({ host, what }) =>
      `${host} did not copy ${what} from another of its repositories, and its medium is not inserted.`,
    remedies: () => [steps('Insert all media of the bundle, and run the same command again with their folders.')],
  }),
  'push.upload-lost': spec<{ host: string; what: string; times: number }>({
    exitCode: 4,
    message: ({ host, what, times }) =>
      `The registry ${host} started an upload of ${what} ${times} times and lost it each time.`,
    remedies: () => [
      steps(
        'A proxy or load balancer in front of it may cut off long requests: raise its time limit, and allow requests of at least 16 MiB.',
        'If the registry runs as several instances, make sure that they share one storage.',
        again,
      ),
    ],
  }),
  'push.refused': spec<{ host: string; what: string; answer: string }>({
    exitCode: 4,
    message: ({ host, what, answer }) => `The registry ${host} did not accept ${what}: ${answer}.`,
    remedies: () => [
      steps(
        'HTTP 413: a proxy in front of the registry limits the size of requests (client_max_body_size in NGINX): allow at least 16 MiB.',
        'HTTP 404, or a page instead of an answer: check that it is a registry, and that the address it gives itself (its external URL) is right.',
        again,
      ),
    ],
  }),
};
