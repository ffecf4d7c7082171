import type { importText } from '../import.ts';
import type { Translation } from '../language.ts';

const units = { words: 'Wörter', digits: 'Ziffern' };

/** German words of the Import screen. */
export const importWords: Translation<typeof importText> = {
  title: 'Import',
  lead: 'Importieren Sie ein Bundle von seinen Medien. Sealift schreibt nie auf die Medien.',
  loading: 'Medien werden gesucht …',
  planning: 'Die Medien werden gelesen und die Signaturen geprüft …',
  media: 'Medien',
  none: 'Keine Medien gefunden.',
  noneHow:
    'Stecken Sie ein Medium ein und hängen Sie es ein. Die Reihenfolge ist gleich, auch eines nach dem anderen geht. Erscheint ein Medium nicht, fügen Sie unten seinen Ordner hinzu.',
  add: 'Ordner mit Medien',
  addHow: 'Der Einhängepunkt eines Mediums, oder ein Ordner mit mehreren.',
  addNow: 'Ordner hinzufügen',
  remove: 'Nicht mehr beobachten',
  medium: (ordinal, of) => (of === undefined ? `Medium ${ordinal}` : `Medium ${ordinal} von ${of}`),
  unknownMedium: 'Medium eines Bundles',
  addedFolder: 'Hinzugefügter Ordner',
  notThere: 'nicht verbunden',
  needed: 'wird gebraucht',
  allHere: 'ganz importiert',
  use: 'Dieses Medium benutzen',
  space: (free, size) => `${free} von ${size} frei`,
  trusted: (who) => (who ? `Signiert von ${who} (vertrauter Schlüssel)` : 'Mit einem vertrauten Schlüssel signiert'),
  notTrusted: 'Mit einem Schlüssel signiert, dem noch nicht vertraut wird',
  notSigned: 'Nicht signiert',
  revoked: 'Mit einem widerrufenen Schlüssel signiert',
  notTrustedLong:
    'Diese Medien sind signiert, aber diese Maschine vertraut dem Schlüssel noch nicht. Sealift hat nichts davon benutzt.',
  notSignedLong: 'Diese Medien sind nicht signiert. Sealift hat nichts davon benutzt.',
  overridden: 'NICHT VERTRAUT',
  overriddenWhy: (reason) => `Trotzdem benutzt. Grund: ${reason}. Der Bericht hält das fest.`,
  notRead: 'Noch nicht gelesen',
  safe: (ordinal) =>
    `Medium ${ordinal} kann entfernt werden. Alles, was von ihm gebraucht wird, ist importiert. Hängen Sie es zuerst aus.`,
  checkFingerprint: 'Fingerabdruck prüfen',
  useAnyway: 'Ohne vertrauten Schlüssel benutzen …',
  trustAgain: 'Vertrauten Schlüssel verlangen',

  trustTitle: 'Fingerabdruck des Signaturschlüssels',
  trustHow: [
    'Fragen Sie die Person, die das Bundle gepackt hat, am Telefon oder auf Papier nach dem Fingerabdruck ihres Schlüssels. Er hat 16 Wörter oder 64 Ziffern.',
    'Geben Sie ein, was Sie von ihr bekommen. Übernehmen Sie es nie von den Medien: Wer die Medien ändern kann, kann auch die Wörter darauf ändern.',
  ],
  typed: 'Fingerabdruck, den Sie bekommen haben',
  label: 'Besitzer des Schlüssels',
  labelHow: 'Wird bei jedem Medium und im Bericht gezeigt, zum Beispiel „Pack-Team“.',
  compare: 'Vergleichen und vertrauen',
  close: 'Schließen',
  short: (given, of, unit) => `${given} von ${of} ${units[unit]} eingegeben.`,
  shortDigits: 'Geben Sie alle 64 Ziffern ein, oder die ersten 32.',
  differs: (positions, unit) =>
    positions.length <= 2
      ? `${units[unit]} an Stelle ${positions.join(' und ')}: passt nicht zum Schlüssel, der diese Medien signiert hat. Fragen Sie noch einmal nach dem Fingerabdruck.`
      : `Diese Medien wurden mit einem anderen Schlüssel signiert (${positions.length} ${units[unit]} weichen ab). Benutzen Sie sie nicht, bevor Sie den Grund kennen.`,

  overrideTitle: 'Medien ohne vertrauten Schlüssel',
  overrideHow:
    'Sealift kann nicht prüfen, wer diese Medien erstellt hat. Ihr Grund wird mit diesem Import und im Bericht für die Sicherheitsbeauftragten festgehalten.',
  reason: 'Grund',
  reasonShort: 'Geben Sie mindestens 3 Buchstaben ein.',
  overrideNow: 'Medien trotzdem benutzen',
  allowOlder: 'Das ältere Bundle zulassen',

  stored: 'Bisher importiert',
  origin: 'Bundle',
  contents: 'Inhalt',
  kind: 'Art',
  kinds: { image: 'Image', model: 'Modell', files: 'Dateien' },
  name: 'Name',
  size: 'Größe',
  where: 'Ort',
  target: 'Geschrieben nach',
  here: 'schon importiert',
  partlyHere: (amount) => `${amount} schon importiert`,
  from: (ordinals, count) =>
    count === 1
      ? `auf Medium ${ordinals[0]}`
      : `auf den Medien ${ordinals.join(', ')}${count > ordinals.length ? ` und ${count - ordinals.length} weiteren` : ''}`,
  fromUnknown: 'auf einem Medium, das nicht verbunden ist',
  leftOut: 'ausgelassen',
  licence: 'Lizenz',
  noHead:
    'Die Liste des ganzen Bundles ist auf dem letzten Medium. Bis Sie es verbinden, sehen Sie nur, was diese Medien aufführen.',

  compareWith: {
    title: 'Was sich ändert',
    about: 'Vergleichen Sie dieses Bundle mit einem früheren, oder mit dem, was eine Site hat.',
    before: 'Früheres Bundle, oder Inventar einer Site',
    beforeHow: 'Seine bundle.json, eines seiner Medien, oder die Datei, die "sealift inventory" geschrieben hat.',
    compare: 'Bundles vergleichen',
    inventory: 'das Inventar',
    since: (name, when, amount) => `Seit ${name} (${when}): ${amount} neue Daten.`,
    change: { added: 'neu', changed: 'geändert', same: 'unverändert', removed: 'nicht in diesem Bundle' },
    columns: { change: 'Änderung', carry: 'Neue Daten' },
  },

  spaceTitle: 'Platz',
  filesystem: 'Dateisystem',
  uses: { store: 'Ablage', engine: 'Container-Engine' },
  needs: 'Gebraucht (mit Reserve)',
  has: 'Jetzt frei',
  after: 'Nach dem Import frei',
  atMost: 'bis zu',
  tooLittle: (amount) => `${amount} zu wenig`,

  parts: 'Dateien',
  partsWhat: (cell) => `Jedes Quadrat ist eine Datei, oder bis zu ${cell} einer größeren.`,
  more: (shown, all) => `Die größten ${shown} von ${all} Dateien werden gezeigt.`,
  cell: { todo: 'nicht gelesen', working: 'wird gelesen', done: 'importiert', bad: 'beschädigt' },
  cellVerify: { todo: 'nicht gelesen', working: 'wird gelesen', done: 'geprüft', bad: 'beschädigt' },
  cellName: (path, content, from, to) => `${content ? `${content}: ` : ''}${path}, Bytes ${from} bis ${to}`,

  verify: 'Medien prüfen',
  verifying: 'Wird geprüft …',
  import: (amount) => (amount === 0 ? 'Import abschließen' : `${amount} importieren`),
  importNothing: 'Bundle importieren',
  importing: 'Wird importiert …',
  complete: 'Dieses Bundle ist ganz importiert.',
  mediaMissing: 'Der Rest des Bundles ist auf Medien, die nicht verbunden sind.',
  readOnly: 'Ein anderes Sealift benutzt diesen Datenordner. Importieren Sie dort, oder beenden Sie es zuerst.',
  busy: 'Ein Import oder eine Prüfung läuft.',
  mustConnect: 'Verbinden oder wählen Sie zuerst ein Medium, oder fügen Sie einen Ordner hinzu.',
  mustTrust: 'Prüfen Sie zuerst den Fingerabdruck.',
  mustGiveReason: 'Diese Medien sind nicht signiert. Um sie zu benutzen, geben Sie zuerst einen Grund an.',
  mustCopy: 'Dateien sind beschädigt. Kopieren Sie sie vor dem Import noch einmal auf das Medium.',

  please: (names) => `Bitte einlegen: ${names}`,
  pleaseMedium: (ordinal) => `Medium ${ordinal}`,
  pleaseLast: 'das letzte Medium',
  pleaseLabels: (labels) => `Beschriftung: ${labels}`,
  pleaseHow:
    'Alles von den anderen Medien ist importiert. Legen Sie das Medium ein und hängen Sie es ein. Der Import geht dann von selbst weiter.',
  pleaseHowIdle:
    'Alles von den anderen Medien ist importiert. Legen Sie das Medium ein, hängen Sie es ein, und starten Sie dann den Import.',
  brought: (here, all) => `${here} von ${all} importiert.`,
  stopWaiting: 'Nicht von selbst fortsetzen',

  verified: (files, when) =>
    files === 1
      ? `Die einzige Datei passt zur Signatur. Geprüft ${when}.`
      : `Alle ${files} Dateien passen zur Signatur. Geprüft ${when}.`,
  verifiedUntrusted: (files, when) =>
    files === 1
      ? `Die einzige Datei passt zur Signatur, aber ihrem Schlüssel wird nicht vertraut. Geprüft ${when}.`
      : `Alle ${files} Dateien passen zur Signatur, aber ihrem Schlüssel wird nicht vertraut. Geprüft ${when}.`,
  verifiedUnsigned: (files, when) =>
    files === 1
      ? `Die einzige Datei passt zur Liste auf den Medien, aber diese Liste ist nicht signiert. Geprüft ${when}.`
      : `Alle ${files} Dateien passen zur Liste auf den Medien, aber diese Liste ist nicht signiert. Geprüft ${when}.`,
  verifiedAt: (when) => `Geprüft ${when}`,
  incomplete: 'Die verbundenen Medien passen zur Signatur. Das Bundle ist unvollständig.',
  damaged: (count, areBlocks) => {
    if (areBlocks) return count === 1 ? '1 beschädigter Block' : `${count} beschädigte Blöcke`;
    return count === 1 ? '1 beschädigte Stelle' : `${count} beschädigte Stellen`;
  },
  damageColumns: { medium: 'Medium', file: 'Datei', damage: 'Schaden' },
  inBlock: (block, size, isFirst) => ` in Block ${block} (${isFirst ? `die ersten ${size}` : size})`,
  damageKind: {
    block: 'Inhalt weicht ab',
    truncated: 'Datei zu kurz',
    'too-long': 'Datei zu lang',
    unreadable: 'Nicht lesbar',
    'missing-file': 'Fehlt',
    'missing-medium': 'Medium nicht verbunden',
    'missing-head': 'Liste des ganzen Bundles fehlt',
    'not-a-file': 'Keine normale Datei',
    digest: 'Digest der ganzen Datei weicht ab',
  },
  done: (name, ms) => `${name} importiert in ${Math.max(1, Math.round(ms / 1000))} s`,
  failedAt: (time) => `Import begonnen ${time}`,
};
