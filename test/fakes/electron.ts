// In place of Electron in tests without its runtime: does nothing, and keeps all that is registered or called.
import { EventEmitter } from 'node:events';

/** Every call in its order, as `object.method`. */
export const calls: string[] = [];

type Handler = (...args: never[]) => unknown;
/** The last handler of each `set…Handler`, `handle` and the like. */
export const handlers: Record<string, Handler> = {};

/** Answers that dialogues give: the number of the button. */
export const answers = { response: 0 };
/** What dialogues showed. */
export const shown: { message: string; detail?: string; buttons?: string[] }[] = [];

function note(name: string, handler?: unknown): void {
  calls.push(name);
  if (typeof handler === 'function') handlers[name] = handler as Handler;
}

export class FakeContents extends EventEmitter {
  readonly sent: [string, string][] = [];
  readonly mainFrame = { parent: null as unknown, origin: 'app://sealift' };
  openHandler: ((details: { url: string }) => unknown) | undefined;

  setWindowOpenHandler(handler: (details: { url: string }) => unknown): void {
    this.openHandler = handler;
  }

  send(channel: string, text: string): void {
    this.sent.push([channel, text]);
    this.emit('sent', text);
  }

  isDestroyed(): boolean {
    return false;
  }

  reload(): void {
    note('contents.reload');
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly made: BrowserWindow[] = [];
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];

  readonly options: unknown;

  constructor(options: unknown) {
    super();
    this.options = options;
    note('new BrowserWindow');
    BrowserWindow.made.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    note('window.loadURL');
    this.loaded.push(url);
  }

  /** As a person closes it; true when the window stays. */
  close(): boolean {
    return isPrevented(this, 'close');
  }

  show = () => note('window.show');
  hide = () => note('window.hide');
  focus = () => note('window.focus');
  restore = () => note('window.restore');
  isMinimized = () => false;
  isMaximized = () => false;
  isDestroyed = () => false;
  isFocused = () => true;
  getNormalBounds = () => ({ x: 60, y: 40, width: 1100, height: 700 });
  setProgressBar = () => undefined;
}

export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
};

export const Notification = { isSupported: () => false };

export const app = Object.assign(new EventEmitter(), {
  enableSandbox: () => note('app.enableSandbox'),
  setPath: (name: string, path: string) => note(`app.setPath ${name} ${path}`),
  requestSingleInstanceLock: () => {
    note('app.requestSingleInstanceLock');
    return true;
  },
  whenReady: async () => note('app.whenReady'),
  exit: (code: number) => {
    note(`app.exit ${code}`);
    app.emit('exited', code);
  },
});

export const protocol = {
  registerSchemesAsPrivileged: () => note('protocol.registerSchemesAsPrivileged'),
  handle: (scheme: string, handler: Handler) => note(`protocol.handle ${scheme}`, handler),
};

const defaultSession = Object.assign(new EventEmitter(), {
  setPermissionRequestHandler: (handler: Handler) => note('session.setPermissionRequestHandler', handler),
  setPermissionCheckHandler: (handler: Handler) => note('session.setPermissionCheckHandler', handler),
  setDevicePermissionHandler: (handler: Handler) => note('session.setDevicePermissionHandler', handler),
  setDisplayMediaRequestHandler: (handler: Handler) => note('session.setDisplayMediaRequestHandler', handler),
  setSpellCheckerLanguages: (languages: string[]) => note(`session.setSpellCheckerLanguages [${languages}]`),
  setSpellCheckerEnabled: (isOn: boolean) => note(`session.setSpellCheckerEnabled ${isOn}`),
  setProxy: async ({ mode }: { mode: string }) => note(`session.setProxy ${mode}`),
  webRequest: { onBeforeRequest: (handler: Handler) => note('session.webRequest.onBeforeRequest', handler) },
});
export const session = { defaultSession };

export const ipcMain = new EventEmitter();

export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: () => note('Menu.setApplicationMenu'),
};

export const dialog = {
  showMessageBox: async (_window: unknown, options: { message: string }) => {
    note('dialog.showMessageBox');
    shown.push(options);
    return { response: answers.response };
  },
  showErrorBox: (title: string, message: string) => {
    note('dialog.showErrorBox');
    shown.push({ message: `${title}: ${message}` });
  },
};

/** Emits an event that can be prevented, and returns whether a listener did. */
export function isPrevented(emitter: EventEmitter, name: string, details: object = {}, ...more: unknown[]): boolean {
  let prevented = false;
  const event = {
    ...details,
    preventDefault: () => {
      prevented = true;
    },
  };
  emitter.emit(name, event, ...more);
  return prevented;
}

/** Forgets all, listeners too. */
export function forgetAll(): void {
  calls.length = 0;
  shown.length = 0;
  BrowserWindow.made.length = 0;
  for (const emitter of [app, defaultSession, ipcMain]) emitter.removeAllListeners();
  for (const name of Object.keys(handlers)) delete handlers[name];
}
