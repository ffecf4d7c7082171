import { command, spec, steps } from './define.ts';

/** Errors of the area service. */
export const serviceErrors = {
  'service.no-systemd': spec<{ site: string; start: string }>({
    exitCode: 3,
    message: () => 'No systemd answers here, so no unit was written.',
    remedies: ({ site, start }) => [
      steps(
        `Let what starts this machine's services run this at boot, as the same user: ${start}`,
        `With cron: put a line into crontab -e: @reboot ${start}`,
        'For a unit of a user, log in as that user (not by sudo or su), so that the systemd of the user runs.',
      ),
      command('See the unit, to install it elsewhere', `sealift service print --site ${site}`),
    ],
  }),
  'service.unit-taken': spec<{ site: string; path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is there already, and is not of this data folder's site.`,
    remedies: ({ path, site }) => [
      steps(
        `See what it starts: cat ${path}`,
        `If it is of another data folder's site ${site}: sealift --home DIR service remove --site ${site}`,
        'Or give one of the sites another name in its site file, and deploy it.',
      ),
    ],
  }),
};
