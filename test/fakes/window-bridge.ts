import type { WindowBridge } from '../../src/shared/window-bridge.ts';
import { type BrowserWindow, ipcMain } from './electron.ts';

/** Plays `window.sealift` of the desktop window. Frames arrive asynchronously, as between processes. */
export function bridgeTo(window: BrowserWindow): WindowBridge {
  let receive: (text: string) => void = () => undefined;
  window.webContents.on('sent', (text: string) => setImmediate(() => receive(text)));
  const event = { sender: window.webContents, senderFrame: window.webContents.mainFrame };
  return {
    send: (text) => void setImmediate(() => ipcMain.emit('frame', event, text)),
    onFrame: (next) => {
      receive = next;
    },
  };
}
