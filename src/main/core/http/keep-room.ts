import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The most connections at a time. A page needs up to seven, a gateway one for each request in flight. */
const maxConnections = 256;

/**
 * Keeps room for real clients: when all connections are taken, the oldest that never showed a session or key is closed for the next
 * one, so a neighbour's silent sockets keep no one out. Returns a function that marks a connection as one that showed it.
 */
export function keepRoom(server: Server): (socket: Socket) => void {
  // In the order in which they were opened. By address and port, because a TLS socket is another object than the one it wraps.
  const strangers = new Map<string, Socket>();
  const guests = new Set<string>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    socket.once('close', () => {
      strangers.delete(name);
      guests.delete(name);
    });
    if (strangers.size + guests.size >= maxConnections) {
      const [oldest] = strangers.values();
      (oldest ?? socket).destroy();
      if (!oldest) return;
      strangers.delete(nameOf(oldest));
    }
    strangers.set(name, socket);
  });
  return (socket) => {
    if (strangers.delete(nameOf(socket))) guests.add(nameOf(socket));
  };
}

function nameOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
