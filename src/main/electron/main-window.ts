import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron';
import type { lastPlace } from './window-place.ts';

/** Options of the window; `test/unit/electron/main-window.test.ts` contains the approved copy. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Sealift',
    width: 1280,
    height: 860,
    minWidth: 800,
    minHeight: 560,
    show: false,
    webPreferences: {
      preload,
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
}

/** Creates the window where it last was, hidden until it has something to show. */
export function newWindow(preload: string, last: ReturnType<typeof lastPlace>): BrowserWindow {
  const { isMaximized = false, ...bounds } = last ?? {};
  const window = new BrowserWindow({ ...windowOptions(preload), ...bounds });
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize();
    window.show();
  });
  return window;
}
