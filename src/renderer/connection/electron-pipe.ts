import type { Pipe } from '../../shared/rpc/pipe.ts';
import type { WindowBridge } from '../../shared/window-bridge.ts';

/** Returns the bridge that the desktop window provides, or undefined in a browser. */
export function windowBridge(): WindowBridge | undefined {
  return (globalThis as { sealift?: WindowBridge }).sealift;
}

/** Opens a pipe through the bridge of the desktop window. Opening a new one ends the previous one. */
export function openElectronPipe(bridge: WindowBridge): Promise<Pipe> {
  return new Promise((resolve) => {
    const closers: (() => void)[] = [];
    const receivers: ((text: string) => void)[] = [];
    let state: 'opening' | 'open' | 'ended' = 'opening';
    const end = () => {
      state = 'ended';
      for (const closed of closers.splice(0)) closed();
    };
    const pipe: Pipe = {
      send: (text) => {
        if (state === 'open') bridge.send(text);
      },
      onFrame: (receive) => void receivers.push(receive),
      onClose: (closed) => void closers.push(closed),
      close: end,
    };
    bridge.onFrame((text) => {
      // Until the window has answered, frames belong to the previous connection.
      if (state === 'opening' && text === '') {
        state = 'open';
        resolve(pipe);
      } else if (state === 'open' && text === '') end();
      else if (state === 'open') for (const receive of receivers) receive(text);
    });
    bridge.send('');
  });
}
