import { bytesText } from '../bytes-text.ts';
import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors from serving a model. */
export const servingErrors = {
  'serving.request-refused': spec<{ status: number; reason: string }>({
    exitCode: 3,
    message: ({ status, reason }) => `The server of the page refused this request: ${reason} (${status}).`,
    remedies: ({ status }) => [
      steps(
        status === 429
          ? 'Wait a minute, then sign in with the link that "sealift serve" printed.'
          : 'Open the link that "sealift serve" printed when it started, without changing it.',
      ),
    ],
  }),
  'serving.gguf-invalid': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} is not a complete GGUF model: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Compare its SHA-256 with the publisher's: sha256sum ${shellWord(path)}`,
        'If they differ, the copy is damaged: import the model again from the media.',
      ),
      command('Check the media for damage', 'sealift bundle verify DIR'),
    ],
  }),
  'serving.gguf-version': spec<{ path: string; version: number; known: string }>({
    exitCode: 3,
    message: ({ path, version, known }) =>
      `${path} has GGUF version ${version}; this version of Sealift reads versions ${known}.`,
    remedies: () => [
      steps(
        'Use a newer version of Sealift, or the same model in an older GGUF version.',
        'A very large version number means that the file is damaged or made for big-endian machines.',
      ),
    ],
  }),
  'serving.model-refused': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `llama.cpp cannot load ${path}.`,
    remedies: ({ path }) => [
      steps(
        'If the cause names a tensor or the end of the file, the copy is damaged: import the model again from the media.',
        'If the cause names an architecture, this engine does not support that model: use another model or engine.',
        `Compare its SHA-256 with the publisher's: sha256sum ${shellWord(path)}`,
      ),
    ],
  }),
  'serving.variant-damaged': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `The package of llama.cpp in ${path} cannot be used: ${problem}.`,
    remedies: () => [command('Check the media that it came from', 'sealift bundle verify DIR')],
  }),
  'serving.engine-missing': spec<{ platform: string; arch: string }>({
    exitCode: 4,
    message: ({ platform, arch }) => `This installation does not include the llama.cpp binary for ${platform} ${arch}.`,
    remedies: ({ platform, arch }) => [
      steps(
        `Install Sealift again from the package for ${platform} ${arch}; nothing is compiled or downloaded here.`,
        'If it runs from a source tree, install it with the optional dependencies (npm ci, without --omit=optional), then bring the tree here.',
        'Or use an external model server: engine "external" in the site file.',
      ),
    ],
  }),
  'serving.memory-short': spec<{
    contextTokens: number;
    slots: number;
    neededBytes?: number;
    freeBytes: number;
  }>({
    exitCode: 3,
    message: ({ contextTokens, slots, neededBytes, freeBytes }) =>
      `The model with ${slots} × ${contextTokens} tokens of context needs ${neededBytes === undefined ? 'more memory than is available' : `${bytesText(neededBytes)} of memory`}; ${bytesText(freeBytes)} are free.`,
    remedies: ({ contextTokens }) => [
      steps(
        `Choose a smaller context, for example ${Math.max(256, Math.floor(contextTokens / 2))} tokens.`,
        'Or a smaller or more strongly quantised model.',
        'Or close other programs. See what uses memory: ps aux --sort=-rss',
      ),
    ],
  }),
  'serving.part-ended': spec<{ part: string; code: number | null; signal: string | null }>({
    exitCode: 4,
    retryable: true,
    message: ({ part, code, signal }) =>
      `The process of ${part} ended unexpectedly (${signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`}).`,
    remedies: ({ signal }) => [
      steps(
        ...(signal === 'SIGKILL'
          ? [
              'It was killed, by a user or by the system. If memory ran out, the system log says so: dmesg | grep -i "out of memory"',
              'In that case choose a smaller context or model.',
            ]
          : []),
        ...(signal === 'SIGILL'
          ? ['The processor lacks instructions that the engine needs: use another machine.']
          : []),
        'Start it again. If it ends again with the same model, import the model again from the media.',
        'See the last lines of its log for details.',
      ),
    ],
  }),
  'serving.part-hung': spec<{ part: string; problem: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ part, problem }) => `The process of ${part} hangs: it ${problem}.`,
    remedies: () => [
      steps(
        'Start it again.',
        'If it hangs again, use fewer slots, a smaller context or a smaller model: it may compute more than this machine can.',
      ),
    ],
  }),
  'serving.start-timeout': spec<{ part: string; timeoutMs: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ part, timeoutMs }) => `${part} did not answer within ${Math.round(timeoutMs / 1000)} s of starting.`,
    remedies: () => [
      steps(
        'Start it again: a slow disk reads a large model faster the second time.',
        'If it still does not answer, check the last lines of its log.',
      ),
    ],
  }),
  /** `setting` names where the port is set. */
  'serving.port-in-use': spec<{ host: string; port: number; owner?: string; setting: string }>({
    exitCode: 3,
    message: ({ host, port, owner }) => `Port ${port} on ${host} is in use${owner ? ` by ${owner}` : ''}.`,
    remedies: ({ port, owner, setting }) => [
      steps(
        owner ? `Stop ${owner} if it is not needed.` : `See what uses it: ss -ltnp 'sport = :${port}'`,
        `Or choose another port: ${setting}.`,
      ),
    ],
  }),
  /** `field` names the key in the site file. */
  'serving.upstream-key-unset': spec<{ variable: string; field: string }>({
    exitCode: 3,
    message: ({ variable, field }) => `${field} has no key: the variable ${variable} is not set here.`,
    remedies: ({ variable, field }) => [
      steps(
        `Set it in the shell that deploys and starts the site: read -rs ${variable}; export ${variable}`,
        `Where systemd starts the site, write the key to a file of mode 0600 instead, and name that: ${field}: { file: /path }`,
      ),
    ],
  }),
  'serving.address-unusable': spec<{ host: string; port: number }>({
    exitCode: 3,
    message: ({ host, port }) => `Cannot listen on ${host} port ${port} on this machine.`,
    remedies: () => [
      steps(
        'Use an address of this machine (see: ip address), or 127.0.0.1.',
        'Ports below 1024 need special permissions: choose 1024 or higher.',
      ),
    ],
  }),
  'serving.key-name-taken': spec<{ name: string }>({
    exitCode: 2,
    message: ({ name }) => `The front already has a key named ${name}.`,
    remedies: ({ name }) => [
      steps('Choose another name. "gateway" always means the AI Gateway\'s own key.'),
      command('Or revoke the old key first', `sealift front-key revoke ${name}`),
    ],
  }),
  'serving.key-unknown': spec<{ name: string; names: string[] }>({
    exitCode: 2,
    message: ({ name, names }) =>
      `The front has no key named ${name}${names.length > 0 ? `; its keys are ${names.join(', ')}` : ''}.`,
    remedies: () => [command('List the keys', 'sealift front-key list')],
  }),
  'serving.too-many-keys': spec<{ limit: number }>({
    exitCode: 3,
    message: ({ limit }) => `The front has ${limit} keys, the most that it can have.`,
    remedies: () => [
      command('List the keys', 'sealift front-key list'),
      command('Revoke one that is no longer used', 'sealift front-key revoke NAME'),
    ],
  }),
  'serving.key-unusable': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `Cannot use the API key file ${path}: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Write one line of at least 16 characters without spaces to ${path}, readable only by its owner.`,
        `For example: (umask 077; head -c 32 /dev/urandom | base64 | tr -d '=+/' > ${shellWord(path)})`,
      ),
    ],
  }),
};
