import { join } from 'node:path';
import type { UnitScope } from './unit-place.ts';
import type { UnitFacts } from './unit-text.ts';

type Facts = Pick<UnitFacts, 'site' | 'siteFolder' | 'program'> & { scope: UnitScope };

/**
 * The property list by which launchd (macOS) runs a site's service: at boot as the folder's owner (`system`, for /Library/LaunchDaemons),
 * or when its user logs in (`user`, for ~/Library/LaunchAgents).
 */
export function launchdText({ site, siteFolder, program, scope }: Facts, owner: string): string {
  const log = xml(join(siteFolder, 'logs', 'service.log'));
  const name = scope === 'system' ? `  <key>UserName</key>\n  <string>${xml(owner)}</string>\n` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>app.sealift.${site}</string>
${name}  <key>ProgramArguments</key>
  <array>
${[...program, siteFolder].map((one) => `    <string>${xml(one)}</string>`).join('\n')}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>60</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${log}</string>
  <key>StandardErrorPath</key>
  <string>${log}</string>
</dict>
</plist>
`;
}

/**
 * The scheduled task that starts a site's service on Windows, where only programs made for it can be services: at boot (`system`) or when
 * a user logs in. It has no XML declaration, because Register-ScheduledTask takes it as a string.
 */
export function taskText({ site, siteFolder, program, scope }: Facts, owner: string): string {
  const [command = '', ...args] = program;
  const at = scope === 'system' ? 'BootTrigger' : 'LogonTrigger';
  return `<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Sealift: service of site ${site}</Description>
  </RegistrationInfo>
  <Triggers>
    <${at}>
      <Enabled>true</Enabled>
    </${at}>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${xml(owner)}</UserId>
      <LogonType>${scope === 'system' ? 'S4U' : 'InteractiveToken'}</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xml(command)}</Command>
      <Arguments>${xml([...args, siteFolder].map(windowsWord).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** Quotes one argument as Windows programs take them apart: backslashes count only before a quote. */
function windowsWord(text: string): string {
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

function xml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
