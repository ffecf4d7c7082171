import type { Translation } from '../language.ts';
import type { paletteText } from '../palette.ts';

/** German words of the command palette. */
export const palette: Translation<typeof paletteText> = {
  title: 'Befehle',
  field: 'Seite, Site oder Aktion suchen',
  list: 'Passende Befehle',
  none: 'Nichts passt. Versuchen Sie den Namen einer Seite, etwa Probe.',
  found: (n) => (n === 1 ? '1 Treffer' : `${n} Treffer`),
  kind: { screen: 'Seite', site: 'Site', action: 'Aktion' },
  open: (screen) => `${screen} öffnen`,
  toSite: (site) => `Zur Site ${site} wechseln`,
  check: 'Diese Maschine prüfen',
  probe: 'Alle Hops prüfen',
  report: 'Bericht schreiben und signieren',
  rehearse: 'Generalprobe starten',
  jobs: 'Aufträge zeigen',
  help: 'Hilfe zeigen',
};
