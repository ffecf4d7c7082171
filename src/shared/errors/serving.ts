import { bytesText } from '../bytes-text.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the area serving. */
export const servingErrors = {
  'serving.gguf-invalid': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} is not a whole GGUF model: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Compare its SHA-256 with the publisher's: sha256sum ${path}`,
        'If they differ, the copy is damaged: import the model again from the media.',
      ),
      command('Look for damage on the media', 'sealift bundle verify DIR'),
    ],
  }),
  'serving.gguf-version': spec<{ path: string; version: number; known: string }>({
    exitCode: 3,
    message: ({ path, version, known }) =>
      `${path} is in GGUF version ${version}; this Sealift reads versions ${known}.`,
    remedies: () => [
      steps(
        'Bring a newer Sealift, or the same model in an older GGUF version.',
        'A very large version number means a file for big-endian machines or a damaged one.',
      ),
    ],
  }),
  'serving.model-refused': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `llama.cpp cannot load ${path}.`,
    remedies: ({ path }) => [
      steps(
        'If the cause names a tensor or the end of the file, the copy is damaged: import the model again from the media.',
        'If the cause names an architecture, this engine does not know that model: use another model or engine.',
        `Compare its SHA-256 with the publisher's: sha256sum ${path}`,
      ),
    ],
  }),
  'serving.engine-missing': spec<{ platform: string; arch: string }>({
    exitCode: 4,
    message: ({ platform, arch }) => `The llama.cpp binary for ${platform} ${arch} is not in this installation.`,
    remedies: ({ platform, arch }) => [
      steps(
        `Install Sealift again from the package made for ${platform} ${arch}; nothing is compiled or downloaded here.`,
        'If it runs from a source tree: install with the optional dependencies (npm ci, without --omit=optional), then carry the tree.',
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
      `The model with ${slots} × ${contextTokens} tokens of context needs ${neededBytes === undefined ? 'more memory than there is' : `${bytesText(neededBytes)} of memory`}; ${bytesText(freeBytes)} are free.`,
    remedies: ({ contextTokens }) => [
      steps(
        `Choose a smaller context, for example ${Math.max(256, Math.floor(contextTokens / 2))} tokens.`,
        'Or a smaller or more strongly quantised model.',
        'Or end other programs; see what uses memory: ps aux --sort=-rss',
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
              'Somebody or the system killed it. If memory ran out, the system log says so: dmesg | grep -i "out of memory"',
              'Then choose a smaller context or model.',
            ]
          : []),
        ...(signal === 'SIGILL'
          ? ['This processor lacks instructions that the engine needs: use another machine.']
          : []),
        'Start it again. If it ends again with the same model, import the model again from the media.',
        'The last lines of its log say more.',
      ),
    ],
  }),
  'serving.start-timeout': spec<{ part: string; timeoutMs: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ part, timeoutMs }) => `${part} did not answer within ${Math.round(timeoutMs / 1000)} s of its start.`,
    remedies: () => [
      steps(
        'Start it again: a slow disk reads a large model faster the second time.',
        'If it stays silent, look at the last lines of its log.',
      ),
    ],
  }),
  'serving.port-in-use': spec<{ host: string; port: number; owner?: string }>({
    exitCode: 3,
    message: ({ host, port, owner }) => `Port ${port} on ${host} is in use${owner ? ` by ${owner}` : ''}.`,
    remedies: ({ port, owner }) => [
      steps(
        owner ? `Stop ${owner}, if it is not needed.` : `See who uses it: ss -ltnp 'sport = :${port}'`,
        'Or choose another port (site file: front.port; command line: --port).',
      ),
    ],
  }),
  'serving.address-unusable': spec<{ host: string; port: number }>({
    exitCode: 3,
    message: ({ host, port }) => `Nothing can listen on ${host} port ${port} on this machine.`,
    remedies: () => [
      steps(
        'Use an address of this machine (see: ip address), or 127.0.0.1.',
        'Ports below 1024 need special rights: choose one from 1024 on.',
      ),
    ],
  }),
  'serving.key-unusable': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `The API key file ${path} cannot be used: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Write one line of at least 16 characters without spaces into ${path}, readable by its owner alone.`,
        `For example: (umask 077; head -c 32 /dev/urandom | base64 | tr -d '=+/' > ${path})`,
      ),
    ],
  }),
};
