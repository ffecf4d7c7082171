import { expect, it } from 'vitest';
import { collectDesktop } from '../../../src/main/core/hardware/desktop.ts';
import { machineFindings } from '../../../src/main/core/hardware/findings/machine-findings.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import type { SystemView } from '../../../src/main/core/hardware/system-view.ts';
import { goodMachine } from '../../scenes/machines.ts';

function view(
  programs: Record<string, string[]>,
  env: NodeJS.ProcessEnv,
  platform = 'linux',
  cache: Record<string, string> = {},
): SystemView {
  const text = async (path: string) => cache[path];
  const names = async (folder: string) => programs[folder] ?? [];
  return { platform, env: { PATH: '/usr/bin:/bin', ...env }, names, text } as unknown as SystemView;
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

const applications = '/usr/share/applications';
const mimeCache = (https: string) => `[MIME Cache]\ntext/html=editor.desktop;\nx-scheme-handler/https=${https}\n`;

it.each([
  ['whatever its name is', 'net.example.Surf.desktop;other.desktop;', ['net.example.Surf.desktop'], 'net.example.Surf'],
  ['unless it was removed', 'net.example.Surf.desktop;', ['editor.desktop'], null],
  ['unless its name is no name', '../surf.desktop;', ['surf.desktop'], null],
])('finds the browser that the desktop knows, %s', async (_what, https, files, browser) => {
  const known = view({ [applications]: files }, { DISPLAY: ':0' }, 'linux', {
    [`${applications}/mimeinfo.cache`]: mimeCache(https),
  });
  expect(await collectDesktop(known, false)).toMatchObject({ browser });
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
