import type { App, Event, Session, WebContents } from 'electron';
import { isMadeByPage, isPage, mayLoad, pageAddress } from './page-address.ts';

/** What the page may ask the system for, each with its reason; all else is refused. */
const allowedPermissions: Record<string, string> = {
  'clipboard-sanitized-write': 'the buttons that copy a command',
};

/** Refuses permissions, devices, foreign requests and foreign downloads, and keeps the engine from asking the network for itself. */
export async function confineSession(session: Session): Promise<void> {
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
    // The person is asked where: nothing is written to a place that the page chose.
    if (!isMadeByPage(item.getURL())) event.preventDefault();
  });
  // Its dictionaries would come from the internet; so would the answer to which proxy is the right one.
  session.setSpellCheckerEnabled(false);
  await session.setProxy({ mode: 'direct' });
}

/** Keeps every page where it is: no way to another address, no further window, no page within the page. Call it before the first window. */
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
