import { command, spec, steps } from './define.ts';

/** Errors of the page in a browser. */
export const serveErrors = {
  'serve.page-missing': spec<{ folder: string }>({
    exitCode: 4,
    message: ({ folder }) => `There is no page to show: ${folder} holds no index.html.`,
    remedies: () => [command('Build it and try again', 'npm start -- serve')],
  }),
  'serve.needs-tls': spec<{ host: string; tunnel: string }>({
    exitCode: 2,
    message: ({ host }) =>
      `The page is not shown on ${host} without TLS: whoever sees the network would see the token and could act as you.`,
    remedies: ({ tunnel }) => [
      steps(
        `Best: leave --host out, and reach the page from your machine through SSH: ${tunnel}`,
        'Or give a certificate and its key: --tls-cert FILE --tls-key FILE',
      ),
    ],
  }),
  'serve.host-unnamed': spec<{ host: string }>({
    exitCode: 2,
    message: ({ host }) => `--host ${host} listens on every address, but no browser will ask for "${host}".`,
    remedies: () => [steps('Say by which name or address browsers ask, once for each: --allow-host NAME')],
  }),
  'serve.tls-unusable': spec<{ certFile: string; keyFile: string }>({
    exitCode: 3,
    message: ({ certFile, keyFile }) => `The certificate ${certFile} and the key ${keyFile} cannot be used for TLS.`,
    remedies: ({ certFile, keyFile }) => [
      steps(
        'Both must be PEM files, the key without a password, and belong together. These two lines must print the same:',
        `openssl x509 -noout -pubkey -in ${certFile}`,
        `openssl pkey -pubout -in ${keyFile}`,
      ),
    ],
  }),
};
