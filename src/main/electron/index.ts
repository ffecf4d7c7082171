import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, dialog, Menu, protocol, screen, session } from 'electron';
import { loadPage } from '../core/http/page-files.ts';
import { defaultHome, homePaths } from '../core/settings/paths.ts';
import { corePlace } from './core-place.ts';
import { type CoreEnd, CoreProcess } from './core-process.ts';
import { newWindow } from './main-window.ts';
import { mayClose } from './may-close.ts';
import { menuTemplate } from './menu.ts';
import { addressFor } from './open-file.ts';
import { pageAddress } from './page-address.ts';
import { connectPage } from './page-connection.ts';
import { schemes, servePage } from './page-protocol.ts';
import { confineContents, confineSession } from './security.ts';
import { showJobs } from './show-jobs.ts';
import { keepPlace, lastPlace } from './window-place.ts';

const built = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const home = resolve(defaultHome());

app.enableSandbox();
protocol.registerSchemesAsPrivileged(schemes);
confineContents(app);
keepProfileIn(homePaths(home).window);
app.on('open-url', (event) => event.preventDefault());
// One window per data folder: a second start shows the first one.
if (app.requestSingleInstanceLock()) void app.whenReady().then(open).catch(fail);
else app.exit(0);

async function open(): Promise<void> {
  await confineSession(session.defaultSession);
  servePage(protocol, await loadPage(built('../renderer')));
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform)));
  const core = new CoreProcess({ ...corePlace(app, process.env), home }, failWhenNeverUp);
  const placeFile = join(homePaths(home).window, 'place.json');
  const screens = screen.getAllDisplays().map((one) => one.workArea);
  const window = newWindow(built('../preload/index.cjs'), lastPlace(placeFile, screens));
  let isFollowed = false;
  connectPage(window, () => {
    // Again after the core ended: a page that lost it opens the next one.
    if (!isFollowed)
      void showJobs(window, core.open()).finally(() => {
        isFollowed = false;
      });
    isFollowed = true;
    return core.open();
  });
  let isAsking = false;
  window.on('close', (event) => {
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    void closeWindow().finally(() => {
      isAsking = false;
    });
  });
  const closeWindow = async () => {
    if (core.isRunning && !(await mayClose(window, core.open()))) return;
    keepPlace(window, placeFile);
    window.hide();
    await core.close();
    app.exit(0);
  };
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    const buttons = ['Reload the page', 'Close'];
    const message = `The window's page crashed (${reason}). Running jobs are not affected.`;
    void dialog.showMessageBox(window, { type: 'error', message, buttons }).then(({ response }) => {
      if (response === 0) window.webContents.reload();
      else window.close();
    });
  });
  app.on('second-instance', (_event, args) => {
    if (window.isMinimized()) window.restore();
    window.focus();
    void showFile(args);
  });
  const showFile = async (args: string[]) => {
    const address = await addressFor(args, () => core.open());
    if (address !== pageAddress) await window.loadURL(address);
  };
  await window.loadURL(await addressFor(process.argv, () => core.open()));
  // Tells whoever started the window that it is open.
  process.stdout.write('● The window is open.\n');
}

/** Keeps the browser engine's files in the data folder, too. If that fails, the core reports what is wrong with the folder. */
function keepProfileIn(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    app.setPath('userData', folder);
  } catch {
    // Until then the platform's default will do.
  }
}

function failWhenNeverUp({ code, said, hasAnswered }: CoreEnd): void {
  if (!hasAnswered && code !== 0) fail(new Error(said));
}

function fail(thrown: unknown): void {
  dialog.showErrorBox('Sealift cannot start', thrown instanceof Error ? thrown.message : String(thrown));
  app.exit(4);
}
