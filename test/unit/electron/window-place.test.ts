import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastPlace } from '../../../src/main/electron/window-place.ts';

describe('the place of the window', () => {
  const screens = [
    { x: 0, y: 0, width: 1920, height: 1080 },
    { x: 1920, y: 0, width: 1280, height: 1024 },
  ];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealift-place-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const kept = (content: unknown) => {
    const file = join(folder, 'place.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return lastPlace(file, screens);
  };
  const at = (x: number, y: number) => ({ x, y, width: 1000, height: 700, isMaximized: false });

  it.each([
    ['on the first screen', at(10, 10)],
    ['on the second screen', at(2000, 100)],
    ['partly outside, with its top still within reach', at(-700, 300)],
  ])('is taken up: %s', (_, place) => {
    expect(kept(place)).toEqual(place);
  });

  it.each([
    ['a screen that is gone', at(4000, 10)],
    ['above every screen', at(10, -300)],
    ['hardly anything within reach', at(-950, 10)],
    ['no number', { ...at(1, 1), x: 'left' }],
    ['no JSON', '{'],
  ])('is not taken up: %s', (_, place) => {
    expect(kept(place)).toBeUndefined();
  });

  it('is unknown before the first time', () => {
    expect(lastPlace(join(folder, 'absent.json'), screens)).toBeUndefined();
  });
});
