import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Answers what never becomes an HTTP request, and closes the connection: 408 when it was not sent in time, else 400. `bodyOf` returns
 * the JSON of the answer.
 */
export function refuseClient(bodyOf: (status: 400 | 408) => string) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const body = bodyOf(status);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    // A client that reads nothing or sends on must not keep the connection.
    socket.destroySoon();
  };
}

/** Refuses requests that expect what no server of ours does (417), with a body like every refusal: Node alone sends none. */
export function refuseExpectations(server: Server, bodyOf: (status: 417) => string): void {
  server.on('checkExpectation', (_request, response) => {
    const body = bodyOf(417);
    const headers = { connection: 'close', 'content-type': 'application/json' };
    response.writeHead(417, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
}
