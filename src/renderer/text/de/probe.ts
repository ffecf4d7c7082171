import type { Translation } from '../language.ts';
import type { probeText } from '../probe.ts';

/** German words of the Probe screen. */
export const probe: Translation<typeof probeText> = {
  title: 'Probe',
  lead: 'Schickt echte Anfragen durch jeden Hop, beginnend beim Modell. Sealift untersucht den ersten Hop, der scheitert.',
  run: 'Alle Hops prüfen',
  again: 'Noch einmal prüfen',
  needSite: 'Noch keine Site zum Prüfen.',
  tokenNote:
    'Freiwillig. Ohne es werden die Hops durch GitLab nicht geprüft. Bleibt im Arbeitsspeicher, bis die Anfrage gesendet ist, und wird nie gespeichert.',
  watch: 'Beobachten',
  stopWatching: 'Nicht mehr beobachten',
  watchEvery: 'Beobachten alle',
  every: { 10: '10 s', 60: '1 min', 300: '5 min', 900: '15 min' },
  watchTokenNote: 'Bleibt im Arbeitsspeicher, solange Sealift beobachtet, und wird nie gespeichert.',
  history: (n) => `Die letzten ${n} Proben`,
  requestId: (id) => `Anfrage-ID ${id}`,
  skipped: 'ausgelassen',
  asking: 'läuft',
  waiting: 'wartet',
  answered: 'hat geantwortet',
  failed: 'fehlgeschlagen',
  ms: (n) => `${n} ms`,
  http: (status) => `HTTP ${status}`,
  words: 'Antwort des Modells',
  answer: 'Antwort',
  diagnosis: 'Mögliche Ursachen',
  sure: { high: 'sehr wahrscheinlich', medium: 'wahrscheinlich', low: 'möglich' },
  seen: 'Nachweis',
  reference: (id) => `Referenz: ${id}`,
  notChecked: 'Nicht geprüft',
  at: (when) => `Geprüft ${when}`,
  allGood: (n, left) =>
    `${n === 1 ? 'Der einzige Hop hat' : `Alle ${n} Hops haben`} eine echte Anfrage beantwortet.${left > 0 ? ` ${left} ${left === 1 ? 'wurde' : 'wurden'} nicht geprüft.` : ''}`,
  doubtful: (n) =>
    `${n === 1 ? 'Der einzige Hop hat' : `Alle ${n} Hops haben`} geantwortet, aber die Befunde unten stellen das Ergebnis in Frage.`,
  red: (title) => `Erster fehlgeschlagener Hop: ${title}`,
};
