import { expect, it } from 'vitest';
import { newWindow, windowOptions } from '../../../src/main/electron/main-window.ts';
import { menuTemplate } from '../../../src/main/electron/menu.ts';
import { BrowserWindow } from '../../fakes/electron.ts';

const approved = {
  title: 'Sealift',
  width: 1280,
  height: 860,
  minWidth: 800,
  minHeight: 560,
  show: false,
  webPreferences: {
    preload: '/p/index.cjs',
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  },
};

it('makes the window with the approved options, and with no others', () => {
  expect(windowOptions('/p/index.cjs')).toEqual(approved);
  newWindow('/p/index.cjs', undefined);
  expect(BrowserWindow.made.map((one) => one.options)).toEqual([approved]);
});

it.each(['linux', 'darwin', 'win32'] as const)('has no reload and no developer tools in its menu on %s', (platform) => {
  const text = JSON.stringify(menuTemplate(platform));
  expect(text).not.toMatch(/reload|devtools|viewMenu|windowMenu/i);
  expect(text).toContain('editMenu');
});
