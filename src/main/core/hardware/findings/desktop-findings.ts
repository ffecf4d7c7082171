import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Machine } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/** Returns the finding about what shows Sealift's screens; none without a display. */
export function desktopFindings({ desktop }: Machine): Finding[] {
  if (!desktop?.hasDisplay) return [];
  if (desktop.browser !== null) return [green('hardware.browser', `Browser: ${desktop.browser}`)];
  if (desktop.hasWindow) return [];
  return [
    amber({
      id: 'hardware.browser',
      title: 'No browser is installed on this desktop',
      consequence: "Sealift's screens can't be shown here. The commands in the terminal do the same.",
      remedies: [
        steps(
          'Bring the packages of a browser for this system in a bundle (provides: browser), and install them.',
          "Or install Sealift's desktop package, which has a window of its own.",
          'Or use the browser of another machine: sealift serve prints the SSH tunnel.',
        ),
      ],
      howWeKnow: 'programs on PATH, and what the desktop opens links with',
    }),
  ];
}
