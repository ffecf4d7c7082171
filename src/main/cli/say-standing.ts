import type { Finding } from '../../shared/finding.ts';
import { type Given, runnableRemedies } from '../../shared/runnable-commands.ts';
import type { Session } from './cli.ts';
import { openLines } from './finding-lines.ts';

/** These commands say themselves how the service is, or change that. */
const aboutService = /^sealift (status|start|stop|deploy|uninstall|rehearse|report)\b/;

/** Says on stderr what a person should hear whatever the command: a killed service, and secrets that others can read. */
export async function sayStanding(
  session: Session,
  { command, given, names }: { command: string; given: Given; names: readonly string[] },
): Promise<void> {
  // Nothing about it may get in the way of the command.
  const { findings } = await session.client.site.standing({}).catch(() => ({ findings: [] as Finding[] }));
  const isSaid = ({ id }: Finding) => id === 'site.service-not-running' && aboutService.test(command);
  for (const one of findings.filter((found) => !isSaid(found)))
    session.say(
      openLines(runnableRemedies(one, given, names))
        .join('\n')
        .trimEnd(),
    );
}
