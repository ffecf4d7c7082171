import type { helpText } from '../help.ts';
import type { Translation } from '../language.ts';

/** German words of the help drawer. The guide itself is in English. */
export const help: Translation<typeof helpText> = {
  search: 'Hilfe durchsuchen (englisch)',
  chapter: 'Kapitel',
  none: 'Kein Abschnitt enthält alle diese Wörter.',
  found: (n) => (n === 1 ? '1 Abschnitt' : `${n} Abschnitte`),
  hit: (chapter, section) => `${chapter}: ${section}`,
  languageOf: 'Sprache des Fensters',
  language: 'Sprache',
  languageHow:
    'Lädt die Seite neu. Fehler, Befunde und die Namen von Schritten sind immer englisch, wie im Terminal und im Bericht.',
  keys: 'Tastenkürzel',
  nextKey: ' dann ',
  keyRows: [
    ['g dann r', 'Zur Bereitschaft'],
    ['g dann m', 'Zum Modell'],
    ['g dann i', 'Zum Import'],
    ['g dann d', 'Zur Bereitstellung'],
    ['g dann g', 'Zu GitLab'],
    ['g dann p', 'Zur Probe'],
    ['g dann o', 'Zum Bericht'],
    ['g dann h', 'Zur Übersicht'],
    ['g dann b', 'Zu Bundle packen'],
    ['g dann u', 'Zu In Registry laden'],
    ['g dann t', 'Zur Generalprobe'],
    ['Strg+K', 'Seite, Site oder Aktion suchen (auf einem Mac: ⌘K)'],
    ['j', 'Aufträge zeigen'],
    ['Esc', 'Den offenen Dialog schließen'],
    ['?', 'Hilfe zeigen'],
  ],
};
