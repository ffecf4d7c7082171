import { lstat, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxFrameChars } from '../../../shared/rpc/frame-limit.ts';
import type { Pipe } from '../../../shared/rpc/pipe.ts';
import { sha256Hex } from '../files/sha256.ts';

const maxSocketPath = 100;

/**
 * Returns the path at which the holder of a data folder's lock can be reached: a socket in the folder or, if that path is too long for the
 * system (108 bytes), one with a derived name in the temporary folder. On Windows, a named pipe.
 */
export function attachPath(home: string): string {
  const name = sha256Hex(home).slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\sealift-${name}`;
  const own = join(home, 'attach.sock');
  return Buffer.byteLength(own) <= maxSocketPath ? own : join(tmpdir(), `sealift-${name}.sock`);
}

/**
 * Lets other processes of the same user attach, one pipe per connection. Returns a function that stops it. If no socket can be
 * created, nothing attaches.
 */
export async function listenForAttach(path: string, onPipe: (pipe: Pipe) => void): Promise<() => Promise<void>> {
  const isFree = process.platform === 'win32' || (await isRemoved(path));
  if (!isFree) return async () => undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onPipe(socketPipe(socket));
  });
  server.on('error', () => undefined);
  const mask = process.umask(0o077);
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(path, () => resolve());
  });
  process.umask(mask);
  server.unref();
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (process.platform !== 'win32') await rm(path, { force: true });
  };
}

/** Returns false if the path belongs to another user, which is possible in the shared temporary folder. */
function isRemoved(path: string): Promise<boolean> {
  return rm(path, { force: true }).then(
    () => true,
    () => false,
  );
}

/** Attaches to the holder of the lock. Returns undefined if no one listens, or if the socket belongs to another user. */
export async function attach(path: string): Promise<Pipe | undefined> {
  const owner = process.getuid?.();
  const isOwn = owner === undefined || (await lstat(path).catch(() => undefined))?.uid === owner;
  if (!isOwn) return undefined;
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socketPipe(socket)));
    socket.once('error', () => resolve(undefined));
  });
}

/** Sends frames over a byte stream, one JSON text per line. A line longer than the frame limit closes the connection. */
export function socketPipe(socket: Socket): Pipe {
  const receivers: ((text: string) => void)[] = [];
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) for (const receive of receivers) receive(line);
    if (rest.length > maxFrameChars) socket.destroy();
  });
  return {
    send: async (text) => {
      if (socket.destroyed || socket.write(`${text}\n`)) return;
      await new Promise<void>((resolve) => {
        socket.once('drain', resolve);
        socket.once('close', resolve);
      });
    },
    onFrame: (receive) => void receivers.push(receive),
    onClose: (closed) => void socket.once('close', closed),
    close: () => void socket.destroy(),
  };
}
