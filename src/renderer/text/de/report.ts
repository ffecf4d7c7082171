import type { Translation } from '../language.ts';
import type { reportText } from '../report.ts';

/** German words of the Report screen. */
export const report: Translation<typeof reportText> = {
  title: 'Bericht',
  lead: 'Signierter Nachweis dessen, was importiert, bereitgestellt, eingestellt und geprüft wurde.',
  needSite: 'Noch keine Site für einen Bericht.',
  none: 'Noch kein Bericht. Er wird den importierten Inhalt, die Bereitstellung, die Einstellungen von GitLab, jeden Hop der Probe und die Befunde auflisten, signiert mit dem Schlüssel dieses Datenordners.',
  noneProbed: 'Noch kein Bericht. Prüfen Sie zuerst die Site, damit der Bericht zeigen kann, ob jeder Hop antwortet.',
  write: 'Bericht schreiben und signieren',
  again: 'Bericht noch einmal schreiben',
  writing: 'Wird geschrieben …',
  files: 'Ordner auf dieser Maschine',
  signedBy: 'Fingerabdruck des Signaturschlüssels',
  tell: 'Geben Sie der prüfenden Person diese Wörter getrennt vom Bericht, etwa am Telefon.',
  good: 'Die Signatur passt zu allen Dateien.',
  bad: 'Die Signatur passt nicht zu den Dateien.',
  print: 'Drucken oder als PDF speichern',
  save: 'HTML speichern',
  saveJson: 'JSON speichern',
  jsonTooLarge: 'report.json ist zu groß, um sie von hier zu speichern. Sie ist im unten genannten Ordner.',
  contents: 'Abschnitte des Berichts',
  verify: 'Prüfen mit',
};
