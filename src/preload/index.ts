import { contextBridge, ipcRenderer } from 'electron';
import { maxFrameChars } from '../shared/rpc/frame-limit.ts';
import type { WindowBridge } from '../shared/window-bridge.ts';

let receive: (text: string) => void = () => undefined;
ipcRenderer.on('frame', (_event, text: unknown) => {
  if (typeof text === 'string') receive(text);
});

const bridge: WindowBridge = {
  send: (text) => {
    if (typeof text !== 'string' || text.length > maxFrameChars) throw new Error('not a valid frame');
    ipcRenderer.send('frame', text);
  },
  onFrame: (next) => {
    if (typeof next !== 'function') throw new Error('not a function');
    receive = (text) => next(text);
  },
};
contextBridge.exposeInMainWorld('sealift', bridge);
