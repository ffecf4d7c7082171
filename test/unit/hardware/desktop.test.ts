import { expect, it } from 'vitest';
import { collectDesktop } from '../../../src/main/core/hardware/desktop.ts';
import { machineFindings } from '../../../src/main/core/hardware/findings/machine-findings.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import type { SystemView } from '../../../src/main/core/hardware/system-view.ts';
import { goodMachine } from '../../scenes/machines.ts';

function view(programs: Record<string, string[]>, env: NodeJS.ProcessEnv, platform = 'linux'): SystemView {
  const names = async (folder: string) => programs[folder] ?? [];
  return { platform, env: { PATH: '/usr/bin:/bin', ...env }, names } as unknown as SystemView;
}

it.each([
  ['a browser on PATH', { '/usr/bin': ['awk', 'firefox-esr'] }, 'firefox-esr'],
  ['one of Flatpak', { '/var/lib/flatpak/exports/bin': ['org.mozilla.firefox'] }, 'org.mozilla.firefox'],
  ['one of Snap', { '/snap/bin': ['chromium'] }, 'chromium'],
  ['only what would open one', { '/usr/bin': ['xdg-open', 'sensible-browser'] }, null],
])('finds %s', async (_what, programs, browser) => {
  const wayland = { WAYLAND_DISPLAY: 'wayland-0' };
  expect(await collectDesktop(view(programs, wayland), false)).toEqual({ hasDisplay: true, browser, hasWindow: false });
});

it('knows no display on a server, and does not ask on other systems', async () => {
  expect(await collectDesktop(view({}, {}), false)).toMatchObject({ hasDisplay: false });
  expect(await collectDesktop(view({}, {}, 'win32'), false)).toBeNull();
});

it.each([
  ['no display', { hasDisplay: false, browser: null, hasWindow: false }, undefined],
  ['a browser', { hasDisplay: true, browser: 'firefox', hasWindow: false }, 'green'],
  ['a window of its own', { hasDisplay: true, browser: null, hasWindow: true }, undefined],
  ['neither', { hasDisplay: true, browser: null, hasWindow: false }, 'amber'],
])('judges a machine with %s', async (_what, desktop, severity) => {
  const catalog = await loadHardwareCatalog('resources');
  const finding = machineFindings(goodMachine({ desktop }), catalog).find((one) => one.id === 'hardware.browser');
  expect(finding?.severity).toBe(severity);
});
