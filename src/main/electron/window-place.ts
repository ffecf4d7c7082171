import { readFileSync, writeFileSync } from 'node:fs';
import type { BrowserWindow, Rectangle } from 'electron';
import { z } from 'zod';

const side = z.int().min(-100_000).max(100_000);
const place = z.object({ x: side, y: side, width: side, height: side, isMaximized: z.boolean() });
type Place = z.infer<typeof place>;

/** At least this much of the window's top must be on a screen, so that a person can take hold of it. */
const grip = { width: 200, height: 40 };

/** Returns where the window was when it last closed; nothing without a readable record, or if no screen shows that place any more. */
export function lastPlace(file: string, screens: readonly Rectangle[]): Place | undefined {
  try {
    const found = place.parse(JSON.parse(readFileSync(file, 'utf8')));
    return screens.some((screen) => isWithin(found, screen)) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isWithin(window: Rectangle, screen: Rectangle): boolean {
  const width = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  return width >= grip.width && window.y >= screen.y && window.y + grip.height <= screen.y + screen.height;
}

/** Records where the window is. That this fails, as on a full disk, keeps nobody from closing it. */
export function keepPlace(window: BrowserWindow, file: string): void {
  const kept: Place = { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
  try {
    writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
  } catch {
    // It opens in the usual place next time.
  }
}
