import { inLanguage } from './language.ts';

/** Words of the help drawer, besides those of the guide itself (`docs/guide`). */
export const helpText = inLanguage('help', {
  search: 'Search help',
  chapter: 'Chapter',
  none: 'No section has all of these words.',
  found: (n: number) => (n === 1 ? '1 section' : `${n} sections`),
  hit: (chapter: string, section: string) => `${chapter}: ${section}`,
  languageOf: 'Language of the window',
  language: 'Language',
  languageHow:
    'Reloads the page. Errors, findings and the names of steps are always in English, as in the terminal and in the report.',
  keys: 'Keyboard shortcuts',
  nextKey: ' then ',
  keyRows: [
    ['g then r', 'Go to Readiness'],
    ['g then m', 'Go to Model'],
    ['g then i', 'Go to Import'],
    ['g then d', 'Go to Deploy'],
    ['g then g', 'Go to GitLab'],
    ['g then p', 'Go to Probe'],
    ['g then o', 'Go to Report'],
    ['g then h', 'Go to Home'],
    ['g then b', 'Go to Pack a bundle'],
    ['g then u', 'Go to Push to a registry'],
    ['g then t', 'Go to Rehearse'],
    ['Ctrl+K', 'Find a screen, a site or an action (on a Mac: ⌘K)'],
    ['j', 'Show jobs'],
    ['Esc', 'Close the open dialog'],
    ['?', 'Show help'],
  ] as const,
});
