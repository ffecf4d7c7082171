import { shellWord } from './shell-word.ts';

/** Options from the command line or the page that a suggested command has to repeat. */
export interface Given {
  /** What starts this Sealift in a shell, if that is not `sealift`: `npm start --` in a clone. */
  program?: string | undefined;
  home?: string | undefined;
  site?: string | undefined;
  siteFile?: string | undefined;
}

/* A data folder that the text itself names, quoted where `shellWord` quotes it. */
const ownHome = String.raw`--home (?:\$?'[^'\n]*'|[^'\s]+) `;

const ofSite = /^(logs|start|stop|status|uninstall)\b/;

/**
 * Completes every Sealift command within a text, so that it can be run as shown: starts it as this Sealift was, adds the current `--home` and
 * site, and replaces the placeholder SITE.yaml with the site file. `names` are the existing commands.
 */
export function runnableText(text: string, given: Given, names: readonly string[]): string {
  const command = new RegExp(`(?<![\\w./-])sealift (?=(?:${ownHome})?(?:${names.join('|')})\\b)([^"“”,;:()\\n]*)`, 'g');
  return text.replace(command, (_whole, rest: string) => runnable(rest, given));
}

/** Completes the commands in all remedies within a value of any shape. */
export function runnableRemedies<T>(value: T, given: Given, names: readonly string[]): T {
  if (Array.isArray(value)) return value.map((one) => runnableRemedies(one, given, names)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => {
    if (key === 'command' && 'label' in value && typeof field === 'string')
      return [key, runnableText(field, given, names)];
    if (key === 'steps' && 'kind' in value && Array.isArray(field))
      return [key, field.map((line) => (typeof line === 'string' ? runnableText(line, given, names) : line))];
    return [key, runnableRemedies(field, given, names)];
  });
  return Object.fromEntries(fields) as T;
}

function runnable(rest: string, { program = 'sealift', home, site, siteFile }: Given): string {
  const file = siteFile && shellWord(siteFile);
  const named = file ? rest.replace(/\bSITE\.yaml\b/g, file) : rest;
  const tail = /\s*$/.exec(named)?.[0] ?? '';
  const isOpen = ofSite.test(named) && !/--site\b|\.ya?ml\b/.test(named) && (!file || !named.includes(file));
  const about = !isOpen ? '' : site ? ` --site ${shellWord(site)}` : file ? ` ${file}` : '';
  const whole = `${named.slice(0, named.length - tail.length)}${about}${tail}`;
  return home === undefined || /--home\b/.test(whole)
    ? `${program} ${whole}`
    : `${program} --home ${shellWord(home)} ${whole}`;
}
