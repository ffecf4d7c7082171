import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue as de } from '../../../src/renderer/text/de/catalogue.ts';
import { languages } from '../../../src/renderer/text/language.ts';

const folder = new URL('../../../src/renderer/text/', import.meta.url);
const translated: Record<string, Record<string, unknown>> = { de };

describe('the words of the window', () => {
  it('have a catalogue for each language besides English', () => {
    expect(Object.keys(translated)).toEqual(Object.keys(languages).filter((one) => one !== 'en'));
  });

  // The words of one screen are all in one language: a catalogue has all of a screen, or none of it.
  it.each(Object.entries(translated))(
    'are whole in %s for each screen that its catalogue has',
    async (_, catalogue) => {
      const english = await englishWords();
      expect(Object.keys(catalogue).filter((screen) => !(screen in english))).toEqual([]);
      for (const [screen, words] of Object.entries(catalogue))
        expect(differences(english[screen], words, screen), screen).toEqual([]);
    },
  );

  it('are found to lack a key, a text or something that was given', () => {
    const english = { a: 'x', b: (n: number) => `${n}`, c: ['x', 'y'], d: { e: 'x' } };
    expect(differences(english, english, '')).toEqual([]);
    expect(differences(english, { a: ' ', b: () => 'x', c: ['x'], d: {} }, 's')).toEqual([
      's.a is empty',
      's.b leaves out given 1',
      's.c: 0 instead of 0,1',
      's.d:  instead of e',
    ]);
  });

  it('keep the screens that the first page leads to', () => {
    expect(de.home.doors.map(([place]) => place)).toEqual(['readiness', 'pack', 'rehearse']);
  });
});

/** The English words of each screen, by the name in `inLanguage`: that of their file. */
async function englishWords(): Promise<Record<string, unknown>> {
  const files = readdirSync(folder).filter((one) => one.endsWith('.ts') && one !== 'language.ts');
  const modules = files.map(async (file) => {
    const all: Record<string, unknown> = await import(new URL(file, folder).href);
    const screen = file.replace('.ts', '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [screen, Object.entries(all).find(([name]) => name.endsWith('Text'))?.[1]] as const;
  });
  return Object.fromEntries(await Promise.all(modules));
}

function differences(english: unknown, other: unknown, at: string): string[] {
  if (typeof english !== typeof other) return [`${at} is ${typeof other}`];
  if (typeof other === 'string') return other.trim() === '' ? [`${at} is empty`] : [];
  if (typeof english === 'function') return leftOut(english, other as Speaks, at);
  const [keys, others] = [english, other].map((one) => Object.keys(one as object));
  if (String(keys) !== String(others)) return [`${at}: ${others} instead of ${keys}`];
  type Words = Record<string, unknown>;
  return (keys ?? []).flatMap((key) => differences((english as Words)[key], (other as Words)[key], `${at}.${key}`));
}

type Speaks = (...given: unknown[]) => string;

/** Names what the English text shows of the things that it is given, and the other does not. */
function leftOut(english: unknown, other: Speaks, at: string): string[] {
  const kinds = [
    ['7654321', '8765432', '9876543', '6543217'],
    [7654321, 8765432, 9876543, 6543217],
  ];
  const all = kinds.flatMap((given) => {
    const [wanted, found] = [english as Speaks, other].map((speaks) => said(speaks, given));
    if (wanted === undefined) return [];
    return given.flatMap((one, index) =>
      wanted.includes(String(one)) && !found?.includes(String(one)) ? [`${at} leaves out given ${index + 1}`] : [],
    );
  });
  return [...new Set(all)];
}

/* A text that counts takes numbers, another takes words; given the wrong kind, it may throw. Digits count without separators. */
function said(speaks: Speaks, given: unknown[]): string | undefined {
  try {
    return speaks(...given).replace(/[.,](?=\d{3})/g, '');
  } catch {
    return undefined;
  }
}
