// For the smoke test only: provides what the window uses and Electron 22 lacks.
const { app, protocol, session } = require('electron');

globalThis.Response = class {
  constructor(body, { status = 200, headers = {} } = {}) {
    Object.assign(this, { body, status, headers });
  }
};

protocol.handle = (scheme, handler) =>
  protocol.registerBufferProtocol(scheme, async ({ method, url }, callback) => {
    const { status, headers, body } = await handler({ method, url });
    const mimeType = (headers['content-type'] ?? 'text/plain').split(';')[0];
    callback({ statusCode: status, headers, mimeType, charset: 'utf-8', data: Buffer.from(body ?? '') });
  });

app.whenReady().then(() => {
  session.defaultSession.setDisplayMediaRequestHandler ??= () => undefined;
});
