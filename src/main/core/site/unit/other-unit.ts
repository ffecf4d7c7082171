import { join } from 'node:path';
import { shellWord } from '../../../../shared/shell-word.ts';
import { launchdText, taskText } from './xml-units.ts';

/** A unit that Sealift renders but does not install: its text, its usual place, and the command that makes the system know it. */
export interface OtherUnit {
  text: string;
  path: string;
  register: string;
}

/** Renders the unit of a site's service for macOS or Windows. `owner` is the user that it runs as, with that user's home. */
export function otherUnit(
  format: 'launchd' | 'windows',
  facts: Parameters<typeof launchdText>[0],
  owner: { username: string; homedir: string },
): OtherUnit {
  const { site, scope } = facts;
  if (format === 'windows') {
    const path = `sealift-${site}.xml`;
    const register = `Register-ScheduledTask -TaskName sealift-${site} -Xml (Get-Content -Raw -Encoding UTF8 ${path})`;
    return { text: taskText(facts, owner.username), path, register };
  }
  const file = `app.sealift.${site}.plist`;
  const isSystem = scope === 'system';
  const path = isSystem ? `/Library/LaunchDaemons/${file}` : join(owner.homedir, 'Library/LaunchAgents', file);
  const domain = isSystem ? 'system' : 'gui/$(id -u)';
  const register = `${isSystem ? 'sudo ' : ''}launchctl bootstrap ${domain} ${shellWord(path)}`;
  return { text: launchdText(facts, owner.username), path, register };
}
