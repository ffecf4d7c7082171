import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { maxFrameChars } from '../../shared/rpc/frame-limit.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { socketPipe } from './socket-pipe.ts';

/** How WebSockets are let in. */
export interface SocketDoorOptions {
  refuses(request: IncomingMessage): number | undefined;
  onPipe(pipe: Pipe): void;
  heartbeatMs: number;
}

const maxSockets = 64;

/** Lets WebSockets into a server, 64 at most; gives the way to send all of them away. */
export function openSocketDoor(server: Server, options: SocketDoorOptions): () => void {
  const door = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameChars,
    perMessageDeflate: false,
    // One message a turn: a flood on one socket must not keep the others waiting.
    allowSynchronousEvents: false,
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => undefined);
    const status = options.refuses(request) ?? (door.clients.size >= maxSockets ? 503 : undefined);
    if (status !== undefined) return refuse(stream, status);
    door.handleUpgrade(request, stream, head, (socket) => options.onPipe(socketPipe(socket, options.heartbeatMs)));
  });
  return () => {
    for (const socket of door.clients) {
      socket.close(1001);
      setTimeout(() => socket.terminate(), 500).unref();
    }
  };
}

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    stream.destroy(),
  );
}
