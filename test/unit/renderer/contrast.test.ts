import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/renderer/app/tokens.css', 'utf8');
const usual = tokensIn(css.slice(0, css.indexOf('@media')));
const more = { ...usual, ...tokensIn(css.slice(css.indexOf('@media (prefers-contrast: more)'))) };

const surfaces = ['canvas', 'card', 'panel', 'raised'];

/* Foreground, background. A disabled control has "quiet" on "raised" with the outline "edge". */
const text = [
  ...surfaces.flatMap((surface) => ['text', 'quiet'].map((one) => [one, surface] as const)),
  ...['canvas', 'card', 'panel'].flatMap((surface) =>
    ['work', 'good', 'look', 'bad'].map((one) => [one, surface] as const),
  ),
  ...['work', 'good', 'look', 'bad'].map((one) => [one, `${one}-tint`] as const),
  ['on-work', 'work'] as const,
];
const controls = [...surfaces, 'work-tint'].flatMap((surface) =>
  ['edge', 'work'].map((one) => [one, surface] as const),
);

describe.each([
  ['light', usual, 0],
  ['dark', usual, 1],
  ['light, more contrast', more, 0],
  ['dark, more contrast', more, 1],
] as const)('the colours, %s', (_, tokens, scheme) => {
  const ratio = ([front, back]: readonly [string, string]) =>
    contrast(tokens[front]?.[scheme] ?? '', tokens[back]?.[scheme] ?? '');

  it.each(text)('make %s on %s readable', (...pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(controls)('make a control of %s on %s visible', (...pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(3);
  });
});

function tokensIn(rules: string): Record<string, [light: string, dark: string]> {
  const pairs = rules.matchAll(/--sl-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g);
  return Object.fromEntries([...pairs].map(([, name = '', light = '', dark = '']) => [name, [light, dark]]));
}

/* Source: WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  if (!/^#[0-9a-f]{6}$/.test(colour)) throw new Error(`no colour: "${colour}"`);
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
