import { resolve } from 'node:path';
import type { Finding } from '../../shared/finding.ts';
import { type Given, runnableRemedies } from '../../shared/runnable-commands.ts';
import type { Session } from './cli.ts';
import { openLines } from './finding-lines.ts';

/** These commands say themselves how the service is, or change that. */
const aboutService = /^sealift (status|start|stop|deploy|uninstall|rehearse|report)\b/;

/** Options that name a file with a secret, as commander calls them. `key` also takes the name of an own key. */
const secretOptions = [
  'tokenFile',
  'passphraseFile',
  'newPassphraseFile',
  'apiKeyFile',
  'tlsKey',
  'dockerConfig',
  'key',
];

/** Returns the files with secrets that a command was given. */
export function secretFilesIn(options: Record<string, unknown>): string[] {
  const values = secretOptions.map((name) => options[name]);
  return values.filter((one) => typeof one === 'string').map((one) => resolve(one));
}

/** Says on stderr what a person should hear whatever the command: a killed service, and secrets that others can read. */
export async function sayStanding(
  session: Session,
  {
    command,
    given,
    names,
    secretFiles,
  }: { command: string; given: Given; names: readonly string[]; secretFiles: readonly string[] },
): Promise<void> {
  // Nothing about it may get in the way of the command.
  const { findings } = await session.client.site
    .standing({ secretFiles: [...secretFiles] })
    .catch(() => ({ findings: [] as Finding[] }));
  const isSaid = ({ id }: Finding) => id === 'site.service-not-running' && aboutService.test(command);
  for (const one of findings.filter((found) => !isSaid(found)))
    session.say(
      openLines(runnableRemedies(one, given, names))
        .join('\n')
        .trimEnd(),
    );
}
