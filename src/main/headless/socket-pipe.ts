import type { WebSocket } from 'ws';
import type { Pipe } from '../../shared/rpc/pipe.ts';

/** Above this many buffered bytes a stream waits for its reader. */
const highWaterBytes = 1024 * 1024;
/** Above this many buffered bytes nothing more is read from a peer that does not read. */
const pauseBytes = 8 * highWaterBytes;
const goodbyeMs = 1000;

/** Wraps a server's WebSocket as a pipe. Binary messages close it, as does a peer that leaves a ping unanswered for `heartbeatMs`. */
export function socketPipe(socket: WebSocket, heartbeatMs: number): Pipe {
  const closers: (() => void)[] = [];
  const receivers: ((text: string) => void)[] = [];
  let isAlive = true;
  let isClosed = false;
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, heartbeatMs);
  const ended = () => {
    isClosed = true;
    clearInterval(timer);
    for (const closed of closers.splice(0)) closed();
  };
  const close = (code: number) => {
    if (isClosed) return;
    ended();
    socket.close(code);
    setTimeout(() => socket.terminate(), goodbyeMs).unref();
  };
  socket.on('error', () => undefined);
  socket.on('close', ended);
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('message', (data, isBinary) => {
    isAlive = true;
    if (isBinary) return close(1003);
    if (!isClosed) for (const receive of receivers) receive(String(data));
  });
  return {
    send: (text) =>
      new Promise((resolve) => {
        if (isClosed) return resolve();
        socket.send(text, () => {
          // Slow is not dead: as long as a full buffer drains, the peer is reading.
          if (socket.bufferedAmount > highWaterBytes) isAlive = true;
          if (socket.isPaused && socket.bufferedAmount <= pauseBytes) socket.resume();
          resolve();
        });
        if (socket.bufferedAmount > pauseBytes) socket.pause();
        if (socket.bufferedAmount <= highWaterBytes) resolve();
      }),
    onFrame: (receive) => void receivers.push(receive),
    onClose: (closed) => void closers.push(closed),
    close: () => close(1008),
  };
}
