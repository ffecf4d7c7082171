import type { Translation } from '../language.ts';
import type { remedyText } from '../remedies.ts';

/** German words of remedies. */
export const remedies: Translation<typeof remedyText> = {
  inWindow: (screen) => `„${screen}“ in diesem Fenster`,
  select: (option) => `wählen Sie „${option}“`,
  under: (heading) => `unter „${heading.replace(/^\d+\. /, '')}“`,
  here: (label, where) => `${label}: ${where}.`,
  afterQuitting: (label) => `${label}. Beenden Sie zuerst dieses Sealift, weil es den Datenordner benutzt:`,
  needsTerminal: (label) => `${label}. Das braucht den Befehl sealift in einem Terminal.`,
  start: 'Site starten',
  stop: 'Site stoppen',
  restart: 'Site stoppen, dann Site starten',
  installTitle: (name) => `Pakete installieren: ${name}`,
  rootRuns:
    'Diese Pakete kamen mit einem Bundle und wurden eben noch einmal geprüft. Um sie zu installieren, führt root aus:',
  verifying: 'Die Pakete werden geprüft …',
  allInstalled: 'Alle diese Pakete sind schon installiert.',
  installNow: (count) => (count === 1 ? '1 Paket installieren' : `${count} Pakete installieren`),
  remove: 'Site entfernen …',
  trust: 'Fingerabdruck prüfen',
  key: 'Signaturschlüssel',
  named: {
    overwrite: 'Vorhandene Sealift-Bundles auf diesen Medien ersetzen',
    plainFolders: 'In Ordner auf der Platte dieser Maschine schreiben, auch wo Medien eingehängt sind',
    targets: '3. Medien',
    ca: 'Zertifikat der Zertifizierungsstelle der Registry (PEM)',
    tokenHost: 'Weiterer Host, der die Anmeldung erhalten darf',
  },
};
