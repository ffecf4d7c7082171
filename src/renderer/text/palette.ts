import { inLanguage } from './language.ts';

/** Words of the command palette. */
export const paletteText = inLanguage('palette', {
  title: 'Commands',
  field: 'Find a screen, a site or an action',
  list: 'Matching commands',
  none: 'Nothing matches. Try the name of a screen, such as Probe.',
  found: (n: number) => (n === 1 ? '1 match' : `${n} matches`),
  kind: { screen: 'Screen', site: 'Site', action: 'Action' },
  open: (screen: string) => `Open ${screen}`,
  toSite: (site: string) => `Switch to site ${site}`,
  check: 'Check this machine',
  probe: 'Probe all hops',
  report: 'Write and sign report',
  rehearse: 'Start rehearsal',
  jobs: 'Show jobs',
  help: 'Show help',
});
