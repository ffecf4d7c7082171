import { inLanguage } from './language.ts';

/** Words of remedies: what replaces the commands that this window does itself. */
export const remedyText = inLanguage('remedies', {
  /** The place that does what a command would do, as it appears in a sentence. */
  inWindow: (screen: string) => `“${screen}” in this window`,
  select: (option: string) => `select “${option}”`,
  under: (heading: string) => `under “${heading.replace(/^\d+\. /, '')}”`,
  here: (label: string, where: string) => `${label}: ${where}.`,
  afterQuitting: (label: string) => `${label}. Quit this Sealift first, because it is using the data folder:`,
  needsTerminal: (label: string) => `${label}. This needs the sealift command in a terminal.`,
  start: 'Start site',
  stop: 'Stop site',
  restart: 'Stop site, then Start site',
  installTitle: (name: string) => `Install packages: ${name}`,
  rootRuns: 'These packages came with a bundle, and were verified again just now. To install them, root runs:',
  verifying: 'Verifying the packages…',
  allInstalled: 'All of these packages are already installed.',
  installNow: (count: number) => (count === 1 ? 'Install 1 package' : `Install ${count} packages`),
  remove: 'Remove site…',
  trust: 'Check fingerprint',
  key: 'Signing key',
  /** Fields that remedies name. Their screens take the words from here, since remedies are shown before the screens are loaded. */
  named: {
    overwrite: 'Replace existing Sealift bundles on these media',
    plainFolders: "Write to folders on this machine's own disk, even where media are mounted",
    targets: '3. Media',
    ca: "Certificate of the registry's authority (PEM)",
    tokenHost: 'Another host that may receive the login',
  },
});
