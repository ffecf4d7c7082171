import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron';

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

/** Creates the window, hidden until it has something to show. */
export function newWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow(windowOptions(preload));
  window.once('ready-to-show', () => window.show());
  return window;
}
