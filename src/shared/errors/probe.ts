import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors from the probe. */
export const probeErrors = {
  'probe.none': spec<{ site: string; siteFile: string }>({
    exitCode: 3,
    message: ({ site }) => `The site ${site} has not been probed from this data folder yet.`,
    remedies: ({ siteFile }) => [command('Probe it', `sealift probe ${shellWord(siteFile)}`)],
  }),
  'probe.no-gateway-script': spec<{ site: string; why: string; siteFile: string }>({
    exitCode: 3,
    message: ({ site, why }) => `The gateway's own script cannot run for the site ${site}: ${why}.`,
    remedies: ({ siteFile }) => [
      command('Ask every hop instead, which needs no script', `sealift probe ${shellWord(siteFile)}`),
    ],
  }),
  'probe.script-container-left': spec<{ name: string; why: string }>({
    exitCode: 4,
    message: ({ name, why }) =>
      `The container ${name}, which answers without tokens, could not be removed: ${why}. It publishes no port, and exits within 15 minutes.`,
    remedies: ({ name }) => [steps('Remove it:', `docker rm --force ${name}`)],
  }),
  /** `status` of the front's answer, if it sent another than a stream. */
  'probe.ask-failed': spec<{ frontUrl: string; reason: string; status?: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ frontUrl, reason }) => `The model behind ${frontUrl} did not answer: ${reason}`,
    remedies: () => [
      command("Show the state of the site's parts", 'sealift status'),
      command('Read the last lines of the logs', 'sealift logs --tail 20'),
    ],
  }),
  'probe.not-deployed': spec<{ site: string; siteFile: string; missing: string }>({
    exitCode: 3,
    message: ({ site, missing }) =>
      `The site ${site} has no ${missing} yet: it was not deployed from this data folder.`,
    remedies: ({ siteFile }) => [
      command('Deploy it', `sealift deploy ${shellWord(siteFile)}`),
      steps('Or name the data folder that it was deployed from, with --home.'),
    ],
  }),
};
