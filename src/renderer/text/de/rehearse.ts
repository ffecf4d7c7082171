import type { Translation } from '../language.ts';
import type { rehearseText } from '../rehearse.ts';

/** German words of the Rehearse screen. */
export const rehearse: Translation<typeof rehearseText> = {
  title: 'Generalprobe',
  lead: 'Probiert den ganzen Ablauf auf dieser Maschine mit einem winzigen Modell aus, vom Packen bis zum Bericht. Sie arbeitet in einem Ordner und entfernt in Docker, was dabei entstanden ist.',
  what: [
    'Echt: das signierte Bundle, der Import, der Modellserver, die Einstellungen, jede Anfrage der Probe und der Bericht.',
    'SIMULIERT: GitLab und das AI Gateway. Eine Generalprobe prüft den Weg auf dieser Maschine, nicht Ihr GitLab.',
  ],
  keep: 'Die Site weiterlaufen lassen, mit ihren Medien',
  keepHow: 'Um sich danach darin umzusehen. Sonst bleibt nur der Bericht.',
  kept: 'Die behaltene Site öffnen mit',
  siteFile: 'Ihre Site-Datei',
  siteFileFor:
    'Sie beschreibt ein SIMULIERTES GitLab. Um das Bereitstellen zu üben, wählen Sie sie unter „Bereitstellung“ als vorhandene Site-Datei. Entfernen Sie vorher die behaltene Site, denn sie benutzt dieselben Ports.',
  words: 'Fingerabdruck ihres Schlüssels',
  wordsFor:
    'Um den Import zu üben, fügen Sie beide Medien im obigen Ordner bei Import hinzu. Dort wird nach diesen Wörtern gefragt.',
  start: 'Generalprobe starten',
  again: 'Noch einmal proben',
  running: 'Die Generalprobe läuft …',
  done: (hops, ms) =>
    `Generalprobe bestanden in ${Math.max(1, Math.round(ms / 1000))} s. ${hops === 1 ? 'Der einzige Hop hat' : `Alle ${hops} Hops haben`} geantwortet.`,
  bundle: 'Bundle',
  bundleValue: (bytes, blocks) => `${bytes} in ${blocks} geprüften Blöcken`,
  engine: 'Modellserver',
  folder: 'Ordner',
  simulated: 'Simulierte Teile',
  report: 'Bericht',
  showReport: 'Bericht zeigen',
  readOnly: 'Ein anderes Sealift benutzt diesen Datenordner. Proben Sie dort, oder beenden Sie es zuerst.',
};
