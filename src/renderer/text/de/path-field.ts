import type { Translation } from '../language.ts';
import type { pathText } from '../path-field.ts';

/** German words of the path field and its dialog. */
export const pathField: Translation<typeof pathText> = {
  choose: 'Auswählen …',
  titles: { folder: 'Ordner', file: 'Dateien', either: 'Dateien und Ordner' },
  where: 'Auf der Maschine, auf der Sealift läuft',
  up: 'Eine Ebene höher',
  starts: 'Wo Sie anfangen können',
  home: 'Eigener Ordner',
  narrow: 'Nach Namen filtern',
  take: (path) => `${path} benutzen`,
  list: 'Inhalt des Ordners',
  loading: 'Der Ordner wird gelesen …',
  empty: 'Hier gibt es nichts auszuwählen.',
  withHidden: 'Versteckte Dateien und Ordner zeigen',
  more: 'Nicht alle Einträge werden gezeigt. Geben Sie den Pfad ein, oder filtern Sie nach Namen.',
  folder: 'Ordner',
  keys: 'Pfeiltasten bewegen, Eingabe öffnet, Rücktaste geht zum übergeordneten Ordner.',
  close: 'Schließen',
};
