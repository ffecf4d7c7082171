/** What is known about a step, in a few words. The core says it in English; the window has it in each language. */
export const stepWords = {
  notChecked: 'Not checked yet',
  blocked: (n: number) => `${n} blocked`,
  overridden: (n: number) => `${n} overridden`,
  attention: (n: number) => (n === 1 ? '1 needs attention' : `${n} need attention`),
  passed: (n: number) => `${n} passed`,
  noModel: 'No model chosen yet',
  chosen: (model: string) => model,
  chosenAnyway: (model: string) => `${model} (overridden)`,
  notNeeded: 'Not needed: the model runs elsewhere',
  nothingImported: 'Nothing imported yet',
  imported: (models: number, images: number) => `${counted(models, 'model')}, ${counted(images, 'image')}`,
  noSite: 'No site file yet',
  invalidSite: 'The site file is invalid',
  notDeployed: (site: string) => `${site} is not deployed yet`,
  deployed: 'Deployed',
  siteDeployed: (site: string) => `${site} is deployed`,
  deployFirst: 'Deploy the site first',
  notConfigured: 'Not configured yet',
  outdated: 'Outdated',
  notReadBack: 'No settings were read back',
  differing: (n: number) => (n === 1 ? '1 setting differs' : `${n} settings differ`),
  correct: (n: number) => `${counted(n, 'setting')} correct`,
  notProbed: 'Not probed yet',
  failedAt: (hop: string) => `Failed at: ${hop}`,
  answered: (n: number) => `${counted(n, 'hop')} answered`,
  notWritten: 'Not written yet',
  written: 'Written',
  writtenAt: (when: string) => when,
};

type StepWords = typeof stepWords;
type Given<Words> = Words extends (...given: infer All) => string ? All : [];

/** The name of such words, and what they were given. */
export interface SaidOfStep {
  word: string;
  given: (string | number)[];
}

/** Returns words about a step in English, and how to say them in another language. */
export function sayOfStep<Word extends keyof StepWords>(
  word: Word,
  ...given: Given<StepWords[Word]>
): { summary: string; said: SaidOfStep } {
  return { summary: wordsOf(stepWords, { word, given }) ?? '', said: { word, given } };
}

/** Returns the same words in another language; undefined where an older or newer core says what that language lacks. */
export function wordsOf(words: Record<keyof StepWords, unknown>, { word, given }: SaidOfStep): string | undefined {
  const found = Object.hasOwn(words, word) ? words[word as keyof StepWords] : undefined;
  return typeof found === 'function' ? String(found(...given)) : (found as string | undefined);
}

function counted(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}
