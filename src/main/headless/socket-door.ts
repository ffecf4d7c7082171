import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { maxFrameChars } from '../../shared/rpc/frame-limit.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { socketPipe } from './socket-pipe.ts';

/** Options for accepting WebSockets. */
export interface SocketDoorOptions {
  refuses(request: IncomingMessage): number | undefined;
  /** Returns the JSON that goes with the status of a refusal. */
  bodyOf(status: number): string;
  /** Called with the connection of an accepted WebSocket. */
  welcome(socket: Socket): void;
  onPipe(pipe: Pipe): void;
  heartbeatMs: number;
}

const maxSockets = 64;

/** Accepts WebSockets on a server, at most 64. Returns a function that closes them all. */
export function openSocketDoor(server: Server, options: SocketDoorOptions): () => void {
  const door = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameChars,
    perMessageDeflate: false,
    // One message per turn, so that a flood on one socket does not delay the others.
    allowSynchronousEvents: false,
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => undefined);
    const status = options.refuses(request) ?? (door.clients.size >= maxSockets ? 503 : undefined);
    if (status !== undefined) return refuse(stream, status, options.bodyOf(status));
    options.welcome(request.socket);
    door.handleUpgrade(request, stream, head, (socket) => options.onPipe(socketPipe(socket, options.heartbeatMs)));
  });
  return () => {
    for (const socket of door.clients) {
      socket.close(1001);
      setTimeout(() => socket.terminate(), 500).unref();
    }
  };
}

function refuse(stream: Duplex, status: number, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    // Another page may be closed meanwhile.
    ...(status === 503 ? ['Retry-After: 5'] : []),
  ];
  stream.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => stream.destroy());
}
