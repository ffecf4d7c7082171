import type { Pipe } from '../../shared/rpc/pipe.ts';

const highWaterBytes = 1024 * 1024;
const pollMs = 20;

/** Opens a WebSocket as a pipe. Rejects if it cannot be opened, without a reason, because browsers provide none. */
export function webSocketPipe(url: string): Promise<Pipe> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    let isOpen = false;
    socket.addEventListener('open', () => {
      isOpen = true;
      resolve(pipeOf(socket));
    });
    socket.addEventListener('close', () => {
      if (!isOpen) reject(new Error(`${url} cannot be reached`));
    });
  });
}

function pipeOf(socket: WebSocket): Pipe {
  const closers: (() => void)[] = [];
  // If the server is gone, the `close` event takes long. The side that closes does not wait for it.
  const end = () => {
    for (const closed of closers.splice(0)) closed();
  };
  socket.addEventListener('close', end);
  return {
    send: async (text) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(text);
      // Browsers have no event for an emptied buffer.
      while (socket.bufferedAmount > highWaterBytes && socket.readyState === socket.OPEN) {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    onFrame: (receive) => socket.addEventListener('message', ({ data }) => receive(data as string)),
    onClose: (closed) => void closers.push(closed),
    close: () => {
      socket.close();
      end();
    },
  };
}
