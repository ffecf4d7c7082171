import { type BrowserWindow, type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import { maxFrameChars } from '../../shared/rpc/frame-limit.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { pageOrigin } from './page-address.ts';

/** A page that sends faster than the core reads is disconnected when this many characters are waiting. */
const maxWaitingChars = 4 * maxFrameChars;

/**
 * Connects a window's page to the core over the single channel `frame` (see `WindowBridge`). Messages are accepted only from the main
 * frame of this window while it shows our page. A page that reconnects, crashes or floods loses its existing connection.
 */
export function connectPage(window: BrowserWindow, openCore: () => Pipe): void {
  const contents = window.webContents;
  let pipe: Pipe | undefined;
  let waitingChars = 0;
  const tell = (text: string) => {
    if (!contents.isDestroyed()) contents.send('frame', text);
  };
  const begin = () => {
    const before = pipe;
    const own = openCore();
    pipe = own;
    waitingChars = 0;
    before?.close();
    tell('');
    own.onFrame((text) => pipe === own && tell(text));
    own.onClose(() => {
      if (pipe !== own) return;
      pipe = undefined;
      tell('');
    });
  };
  const send = async (own: Pipe, text: string) => {
    waitingChars += text.length;
    if (text.length > maxFrameChars || waitingChars > maxWaitingChars) return own.close();
    await own.send(text);
    if (pipe === own) waitingChars -= text.length;
  };
  ipcMain.on('frame', (event, text: unknown) => {
    if (typeof text !== 'string' || !isFromPage(event, contents)) return;
    if (text === '') begin();
    else if (pipe) void send(pipe, text);
  });
  contents.on('render-process-gone', () => pipe?.close());
}

function isFromPage({ sender, senderFrame }: IpcMainEvent, contents: WebContents): boolean {
  try {
    return (
      sender === contents && senderFrame !== null && senderFrame.parent === null && senderFrame.origin === pageOrigin
    );
  } catch {
    // Accessing a frame that is gone throws.
    return false;
  }
}
