/// <reference types="vite/client" />

/** The languages of the window, by their own names. English is complete; another has a folder with a catalogue, whole for each screen that it has. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** The same keys and arguments as the English words of a screen, with other texts. A missing key is an error of types. */
export type Translation<T> = T extends string
  ? string
  : T extends (...given: infer Given) => infer Words
    ? (...given: Given) => Translation<Words>
    : T extends object
      ? { [Key in keyof T]: Translation<T[Key]> }
      : T;

/** The language of what the core says (errors, findings, names of steps), whatever that of the page: screen readers must know it. */
export const coreLanguage = 'en';

/* A catalogue may import nothing but types: the page waits for it before the modules that it could import. */
const catalogues = import.meta.glob<{ catalogue: Record<string, unknown> }>('./*/catalogue.ts');

const place = 'sealift.language';

/** The language of this page. It stays the same until the page is loaded again. */
export const language = chosen();

const words = await loadWords(language);

/** Returns the words of a screen in the language of the page; in English where its catalogue lacks the screen. */
export function inLanguage<T>(screen: string, english: T): T {
  return Object.hasOwn(words, screen) ? (words[screen] as T) : english;
}

/** Keeps the choice in this browser, and loads the page again in that language. */
export function chooseLanguage(next: Language): void {
  localStorage.setItem(place, next);
  location.reload();
}

function chosen(): Language {
  try {
    const kept = localStorage.getItem(place) ?? 'en';
    return Object.hasOwn(languages, kept) ? (kept as Language) : 'en';
  } catch {
    // Outside a browser, or where a browser keeps nothing.
    return 'en';
  }
}

/* A catalogue that cannot load must not keep a person from the window. */
async function loadWords(wanted: Language): Promise<Record<string, unknown>> {
  try {
    return (await catalogues[`./${wanted}/catalogue.ts`]?.())?.catalogue ?? {};
  } catch {
    return {};
  }
}
