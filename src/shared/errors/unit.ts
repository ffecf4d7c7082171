import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors about the systemd unit of a site. */
export const unitErrors = {
  'unit.no-systemd': spec<{ site: string; start: string }>({
    exitCode: 3,
    message: () => 'systemd does not respond here, so no unit was written.',
    remedies: ({ site, start }) => [
      steps(
        `Make this machine's init system run this at boot, as the same user: ${start}`,
        `With cron, add this line with crontab -e: @reboot ${start}`,
        "For a user unit, log in as that user (not with sudo or su), so that the user's systemd runs.",
      ),
      command('Print the unit, to install it elsewhere', `sealift service print --site ${site}`),
    ],
  }),
  'unit.refused': spec<{ command: string; isUser: boolean; problem: string }>({
    exitCode: 4,
    message: ({ command, problem }) => `systemd refused "${command}": ${problem}`,
    remedies: ({ command, isUser }) => [
      steps(
        isUser ? `As the user that the unit belongs to: ${command}` : `As an administrator: sudo ${command}`,
        'Then repeat the command.',
      ),
      steps(`See why in systemd's log: journalctl ${isUser ? '--user ' : ''}-e`),
    ],
  }),
  'unit.taken': spec<{ site: string; path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} already exists and belongs to another data folder's site.`,
    remedies: ({ path, site }) => [
      steps(
        `See what it starts: cat ${shellWord(path)}`,
        `If it belongs to the site ${site} of another data folder: sealift --home DIR service remove --site ${site}`,
        'Or give one of the sites another name in its site file, and deploy it.',
      ),
    ],
  }),
};
