import { offerInstall } from '../state/install.ts';
import type { Place } from '../state/places.ts';
import { goTo } from '../state/route.ts';
import { screenNames } from '../text/app.ts';
import { remedyText as text } from '../text/remedies.ts';

/** A command of the terminal that this window does itself, and where. */
interface Replaced {
  fits: RegExp;
  place: Place;
  /** What to select there. */
  words: string;
}

const screen = (fits: RegExp, place: Place): Replaced => ({ fits, place, words: screenNames[place] });

/* The lock of the data folder, which this window holds, refuses those that write. */
const replaced: Replaced[] = [
  screen(/^deploy\b/, 'deploy'),
  screen(/^(import|bundle (verify|inspect))\b/, 'import'),
  screen(/^probe\b/, 'probe'),
  screen(/^gitlab (?!undo)/, 'gitlab'),
  screen(/^report(?! verify)\b/, 'report'),
  screen(/^models\b/, 'model'),
  screen(/^bundle pack\b/, 'pack'),
  screen(/^push\b/, 'push'),
  screen(/^rehearse\b/, 'rehearse'),
  { fits: /^start\b/, place: 'home', words: text.start },
  { fits: /^stop\b/, place: 'home', words: text.stop },
  { fits: /^restart\b/, place: 'home', words: text.restart },
  { fits: /^uninstall\b/, place: 'home', words: text.remove },
  screen(/^(status|logs)\b/, 'home'),
  screen(/^check(?! --measure-disk)\b/, 'readiness'),
  { fits: /^key trust\b/, place: 'import', words: text.trust },
  { fits: /^key (new|list|show)\b/, place: 'pack', words: text.key },
];
const onlyRead = /^(status|logs|models|check|key (list|show)|gitlab plan|bundle (verify|inspect))\b/;

/* Without a screen, and refused by the lock that this window holds. */
const needsLock =
  /^(accept|gitlab undo|front-key (?!list)|gateway-key|key (untrust|require|revoke|rotate|passphrase)|kubernetes|service (?!print)|bundle countersign)\b/;

function replacedBy(rest: string): Replaced | undefined {
  return replaced.find((one) => one.fits.test(rest));
}

/** Returns the way to the screen or dialog that does what a command would do. Undefined if none does, or if it is `shown`. */
export function actionOf(command: string, shown: Place): (() => void) | undefined {
  const rest = restOf(command);
  const packages = /^packages install ([a-z0-9._-]+)$/.exec(rest)?.[1];
  if (packages !== undefined) return () => offerInstall(packages);
  const found = replacedBy(rest);
  return found && found.place !== shown ? () => goTo(found.place) : undefined;
}

function restOf(command: string): string {
  return command.replace(/^sealift (--home \S+ )?/, '');
}

/** Returns what to select on the shown screen in place of a command that the window's lock refuses; undefined for other commands. */
export function replacedHere(command: string): string | undefined {
  const rest = restOf(command);
  const found = onlyRead.test(rest) ? undefined : replacedBy(rest);
  return found && text.inWindow(found.words);
}

/** True for a command that no screen replaces, and that the window's lock refuses. */
export function isRefusedHere(command: string): boolean {
  return needsLock.test(restOf(command));
}

/** True for a command with an option that its screen has no field for, so that the screen can't do what the remedy says. */
export function hasNoField(command: string): boolean {
  return /^rehearse\b.* --dir DIR\b/.test(restOf(command));
}

/** What options of the terminal are called in this window, with the words around them. */
const options: readonly (readonly [RegExp, string])[] = [
  [/\b(?:run the same command|pack again) with --overwrite\b/i, text.select(text.named.overwrite)],
  [/\brun the same command with --plain-folder\b/i, text.select(text.named.plainFolders)],
  [/use larger media, or raise --medium-size if you set it/, 'or use larger media'],
  [/\bwith --to\b/, text.under(text.named.targets)],
  [/(?<=\(PEM\)): --ca FILE\b/, ` ${text.under(text.named.ca)}`],
  [/\brun the same command with --token-host\b/, `${text.under(text.named.tokenHost)}, enter`],
];

/** Words a sentence for this window: it replaces options that a form has, and commands that are refused here, since the window holds the lock. */
export function inWindow(sentence: string): string {
  const named = options.reduce((words, [option, here]) => words.replace(option, here), sentence);
  return named.replace(/"?\bsealift ([a-z][^"“”,;:()\n.]*(?:\.ya?ml[^"“”,;:()\n.]*)?)"?/g, (whole, rest: string) => {
    // A quoted command is named, not suggested, and no screen chooses an engine.
    const isKept =
      onlyRead.test(rest) || /--engine\b/.test(rest) || (whole.startsWith('"') && !/^key trust\b/.test(rest));
    const found = isKept ? undefined : replacedBy(rest);
    return found ? text.inWindow(found.words) : whole;
  });
}
