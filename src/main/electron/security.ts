import type { App, Event, Session, WebContents } from 'electron';
import { isMadeByPage, isPage, mayLoad, pageAddress } from './page-address.ts';

/** The permissions that the page may have, each with its reason; all others are refused. */
const allowedPermissions: Record<string, string> = {
  'clipboard-sanitized-write': 'buttons that copy a command',
};

/** Refuses permissions, devices, foreign requests and foreign downloads, and keeps the engine itself off the network. */
export async function confineSession(session: Session): Promise<void> {
  // First of all: the engine looks for dictionaries on the internet as soon as there is a session, even where spelling is not checked.
  session.setSpellCheckerLanguages([]);
  session.setSpellCheckerEnabled(false);
  const isAllowed = (permission: string, from: unknown) =>
    Object.hasOwn(allowedPermissions, permission) && isPage(from);
  session.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(details.isMainFrame && isAllowed(permission, details.requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      details.isMainFrame && origin === pageAddress && isAllowed(permission, pageAddress),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null));
  session.webRequest.onBeforeRequest(({ url }, callback) => callback({ cancel: !mayLoad(url) }));
  session.on('will-download', (event, item) => {
    // The user chooses the location: the page must not decide where a file is written.
    if (!isMadeByPage(item.getURL())) event.preventDefault();
  });
  // Proxy auto-detection would ask the network.
  await session.setProxy({ mode: 'direct' });
}

/** Prevents all navigation, new windows and embedded pages. Call it before opening the first window. */
export function confineContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: Event<{ url: string }>) => {
      if (!isPage(event.url)) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    denyWindows(contents);
  });
}

function denyWindows(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
