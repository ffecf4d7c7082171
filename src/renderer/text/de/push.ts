import type { Translation } from '../language.ts';
import type { pushText } from '../push.ts';
import { remedies } from './remedies.ts';

/** German words of the screen that pushes to a registry. */
export const push: Translation<typeof pushText> = {
  title: 'In eine Registry laden',
  lead: 'Lädt Images, Modelle und Dateien in Ihre eigene Registry, mit den Digests, die sie im Bundle haben.',
  where: 'Wohin',
  target: 'Registry und Präfix',
  targetHow:
    'Zum Beispiel registry.example:5000/duo. In GitLab und Harbor ist das Präfix der Pfad eines Projekts. Schreiben Sie http:// vor eine Registry ohne TLS.',
  more: 'Weitere Einstellungen',
  moreHow: 'Für eine eigene Zertifizierungsstelle, oder eine Registry, deren Anmeldung anderswo geprüft wird.',
  ca: remedies.named.ca,
  tokenHost: remedies.named.tokenHost,
  tokenHostHow: 'Nur wenn Sealift danach fragt. Die Registry von GitLab nennt GitLab selbst.',
  what: 'Was gesendet wird',
  fromStore: 'Modelle und Dateien der Ablage',
  fromMedia: 'Ein Bundle, von seinen Medien',
  noMedia:
    'Keine Medien gefunden. Stecken Sie ein Medium ein und hängen Sie es ein, oder fügen Sie seinen Ordner hinzu.',
  space: (amount) => `${amount} insgesamt`,
  plan: 'Mit der Registry vergleichen',
  planning: 'Die Registry wird gefragt …',
  planned: (registry, send, present) => `${registry}: ${send} zu senden, ${present} schon vorhanden.`,
  login: (login) => `Anmeldung: ${login}`,
  contents: 'Inhalt',
  columns: { state: 'Zustand', name: 'Name', reference: 'Name in der Registry', size: 'Größe' },
  state: { present: 'schon vorhanden', absent: 'zu senden', incomplete: 'auf diesen Medien nicht vollständig' },
  kinds: { image: 'Image', model: 'Modell', files: 'Dateien' },
  replaces: (digest) => `Dieser Name hat jetzt einen anderen Inhalt: ${digest}`,
  missing: (labels) => `Fehlende Medien: ${labels}`,
  push: (amount) => `${amount} laden`,
  nothing: 'Nichts zu senden',
  pushing: 'Wird geladen …',
  done: (registry, seconds) => `Alles ist in ${registry} (${seconds}).`,
  part: (registry, seconds) =>
    `Ein Teil ist in ${registry} (${seconds}). Verbinden Sie die fehlenden Medien, und laden Sie dann noch einmal.`,
  sent: (sent, present) => `${sent} gesendet, ${present} schon vorhanden.`,
  mustTarget: 'Geben Sie zuerst Registry und Präfix ein.',
  mustPlan: 'Vergleichen Sie zuerst mit der Registry.',
  mustMedia: 'Wählen Sie zuerst ein Medium.',
  changed: 'Das Formular hat sich seit diesem Vergleich geändert. Vergleichen Sie noch einmal.',
  notTrusted:
    'Diese Medien sind nicht mit einem Schlüssel signiert, dem diese Maschine vertraut. Prüfen Sie den Fingerabdruck, oder geben Sie einen Grund an, sie trotzdem zu benutzen.',
  untrusted: 'Warum benutzen Sie diese Medien ohne vertrauten Schlüssel? Der Grund wird festgehalten.',
  useAnyway: 'Medien trotzdem benutzen',
  cancel: 'Abbrechen',
  tooShort: 'Geben Sie mindestens 3 Buchstaben ein.',
};
