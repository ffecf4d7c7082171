import { appText } from './app.ts';

/** Words of remedies: what replaces the commands that this window does itself. */
export const remedyText = {
  /** The place that does what a command would do, as it appears in a sentence. */
  inWindow: (screen: string) => `“${screen}” in this window`,
  needsTerminal: (label: string) => `${label}. This needs the sealift command in a terminal.`,
  start: 'Start site',
  stop: 'Stop site',
  remove: 'Remove site…',
  trust: 'Check fingerprint',
  key: 'Signing key',
  screens: { ...appText.steps, home: appText.home, pack: appText.pack, rehearse: appText.rehearse },
};
