import type { Pipe } from '../../shared/rpc/pipe.ts';

const highWaterBytes = 1024 * 1024;
const pollMs = 20;

/** Opens a WebSocket and gives it as a pipe; rejects when it cannot be opened, without a reason, as browsers tell none. */
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
  // The goodbye of a server that is gone takes long to miss: whoever closes knows at once.
  const end = () => {
    for (const closed of closers.splice(0)) closed();
  };
  socket.addEventListener('close', end);
  return {
    send: async (text) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(text);
      // A browser tells no moment when its buffer has emptied.
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
