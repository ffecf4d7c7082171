import { beforeEach, describe, expect, it } from 'vitest';
import { connectPage } from '../../../src/main/electron/page-connection.ts';
import { openElectronPipe } from '../../../src/renderer/connection/electron-pipe.ts';
import { maxFrameChars } from '../../../src/shared/rpc/frame-limit.ts';
import { memoryPipes, type Pipe } from '../../../src/shared/rpc/pipe.ts';
import { BrowserWindow, FakeContents, forgetAll, ipcMain } from '../../fakes/electron.ts';
import { bridgeTo } from '../../fakes/window-bridge.ts';

let window: BrowserWindow;
/** What reached the core, a list a connection. */
let received: string[][];
let cores: Pipe[];

beforeEach(() => {
  forgetAll();
  window = new BrowserWindow({});
  received = [];
  cores = [];
  connectPage(window as never, () => {
    const [here, there] = memoryPipes();
    const frames: string[] = [];
    received.push(frames);
    cores.push(there);
    there.onFrame((text) => frames.push(text));
    return here;
  });
});

const fromPage = () => ({ sender: window.webContents, senderFrame: window.webContents.mainFrame as unknown });
const later = () => new Promise((resolve) => setImmediate(resolve));

describe('who may send', () => {
  it('listens on one channel only', () => {
    expect(ipcMain.eventNames()).toEqual(['frame']);
    expect(ipcMain.listenerCount('frame')).toBe(1);
  });

  it('takes frames from the page', async () => {
    ipcMain.emit('frame', fromPage(), '');
    ipcMain.emit('frame', fromPage(), '{"k":"x"}');
    await later();
    expect(received).toEqual([['{"k":"x"}']]);
    expect(window.webContents.sent).toEqual([['frame', '']]);
  });

  it.each<[string, () => object]>([
    ['another window', () => ({ ...fromPage(), sender: new FakeContents() })],
    [
      'another window with an equal frame',
      () => ({ sender: new FakeContents(), senderFrame: new FakeContents().mainFrame }),
    ],
    ['a frame within the page', () => ({ ...fromPage(), senderFrame: { parent: {}, origin: 'app://sealift' } })],
    ['a frame that is gone', () => ({ ...fromPage(), senderFrame: null })],
    [
      'a frame that throws when it is looked at',
      () => ({
        ...fromPage(),
        senderFrame: {
          get parent() {
            throw new Error('Render frame was disposed');
          },
        },
      }),
    ],
    ...[
      'about:blank',
      'null',
      '',
      'https://evil.example',
      'app://sealift.evil',
      'app://evil',
      'file://',
      undefined,
    ].map((origin): [string, () => object] => [
      `origin ${origin}`,
      () => ({ ...fromPage(), senderFrame: { parent: null, origin } }),
    ]),
  ])('takes nothing from %s', async (_who, forged) => {
    ipcMain.emit('frame', forged(), '');
    expect(received).toEqual([]);
    ipcMain.emit('frame', fromPage(), '');
    ipcMain.emit('frame', forged(), '{"k":"x"}');
    ipcMain.emit('frame', forged(), '');
    await later();
    expect(received).toEqual([[]]);
    expect(window.webContents.sent).toHaveLength(1);
  });

  it.each([undefined, null, 1, {}, ['x'], new Uint8Array(3), { toString: () => 'x' }])('takes no %j', async (what) => {
    ipcMain.emit('frame', fromPage(), '');
    ipcMain.emit('frame', fromPage(), what);
    await later();
    expect(received).toEqual([[]]);
  });

  it('needs an open connection', async () => {
    ipcMain.emit('frame', fromPage(), '{"k":"x"}');
    await later();
    expect(received).toEqual([]);
  });
});

describe('the connection of the page', () => {
  it('ends the earlier one when the page starts over, and carries nothing over', async () => {
    ipcMain.emit('frame', fromPage(), '');
    const before = cores[0];
    let isClosed = false;
    before?.onClose(() => {
      isClosed = true;
    });
    ipcMain.emit('frame', fromPage(), '');
    expect(isClosed).toBe(true);
    await before?.send('late');
    await cores[1]?.send('fresh');
    expect(window.webContents.sent.map(([, text]) => text)).toEqual(['', '', 'fresh']);
  });

  it('is cut for a frame that is too long, and for a flood', async () => {
    ipcMain.emit('frame', fromPage(), '');
    ipcMain.emit('frame', fromPage(), 'x'.repeat(maxFrameChars + 1));
    await later();
    expect(window.webContents.sent.map(([, text]) => text)).toEqual(['', '']);
    ipcMain.emit('frame', fromPage(), '');
    for (let n = 0; n < 5; n += 1) ipcMain.emit('frame', fromPage(), 'x'.repeat(maxFrameChars));
    await later();
    expect(window.webContents.sent.map(([, text]) => text)).toEqual(['', '', '', '']);
    expect(received.flat().length).toBeLessThan(5);
  });

  it('ends when the process of the page dies', async () => {
    ipcMain.emit('frame', fromPage(), '');
    const ended = new Promise<void>((resolve) => cores[0]?.onClose(resolve));
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await ended;
  });

  it('reports to the page that the core has gone, and can be opened again', async () => {
    const bridge = bridgeTo(window);
    const pipe = await openElectronPipe(bridge);
    const ended = new Promise<void>((resolve) => pipe.onClose(resolve));
    cores[0]?.close();
    await ended;
    const again = await openElectronPipe(bridge);
    await again.send('hello');
    await later();
    expect(received).toEqual([[], ['hello']]);
  });
});
