import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/** Errors from serving the page to a browser. */
export const serveErrors = {
  'serve.page-missing': spec<{ folder: string }>({
    exitCode: 4,
    message: ({ folder }) => `No page to serve: ${folder} does not contain index.html.`,
    remedies: () => [
      steps(
        'If Sealift is installed, install it again from its medium: some of its files are missing.',
        'In a clone, build it and try again: npm start -- serve',
      ),
    ],
  }),
  'serve.needs-tls': spec<{ host: string; tunnel: string }>({
    exitCode: 2,
    message: ({ host }) =>
      `Refusing to serve the page on ${host} without TLS: anyone on the network could read the token and act as you.`,
    remedies: ({ tunnel }) => [
      steps(
        `Recommended: leave out --host, and reach the page from your machine through SSH: ${tunnel}`,
        'Or pass a certificate and its key: --tls-cert FILE --tls-key FILE',
      ),
    ],
  }),
  'serve.host-unnamed': spec<{ host: string }>({
    exitCode: 2,
    message: ({ host }) =>
      `--host ${host} listens on every address, so Sealift cannot know which names browsers will use.`,
    remedies: () => [steps('Allow each name or address that browsers will use: --allow-host NAME (repeatable)')],
  }),
  'serve.tls-unusable': spec<{ certFile: string; keyFile: string }>({
    exitCode: 3,
    message: ({ certFile, keyFile }) => `Cannot use the certificate ${certFile} and the key ${keyFile} for TLS.`,
    remedies: ({ certFile, keyFile }) => [
      steps(
        'Both must be PEM files that belong together, the key without a password. These two commands must print the same:',
        `openssl x509 -noout -pubkey -in ${shellWord(certFile)}`,
        `openssl pkey -pubout -in ${shellWord(keyFile)}`,
      ),
    ],
  }),
};
