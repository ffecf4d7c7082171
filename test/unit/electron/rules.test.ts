import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = files('src').filter((path) => /\.tsx?$/.test(path));
const shipped = [
  ...sources,
  ...files('scripts'),
  ...files('resources').filter((path) => !path.endsWith('.png')),
].concat('package.json', 'electron.vite.config.ts');
const having = (pattern: RegExp, among = sources) => among.filter((path) => pattern.test(read(path)));

describe('what is written in one place only', () => {
  it.each([
    [/\bipcMain\b/, ['src/main/electron/page-connection.ts']],
    [/\bipcRenderer\b/, ['src/preload/index.ts']],
    [/\bcontextBridge\b/, ['src/preload/index.ts']],
    [/new BrowserWindow\b/, ['src/main/electron/main-window.ts']],
    [/\bloadURL\b/, ['src/main/electron/index.ts']],
    [
      /from 'electron'/,
      [...files('src/main/electron').filter((path) => /from 'electron'/.test(read(path))), 'src/preload/index.ts'],
    ],
  ])('%s', (pattern, places) => {
    expect(having(pattern)).toEqual(places);
  });
});

describe('what is written nowhere', () => {
  it.each([
    /openExternal/,
    /WebContentsView|BrowserView|loadFile\b|executeJavaScript|insertCSS/,
    /ipcMain\.handle|MessageChannelMain|sendSync|invoke\(/,
    /app\.commandLine|appendSwitch/,
    /registerFileProtocol|interceptHttp|bypassCSP|allowServiceWorkers/,
    /dangerouslySetInnerHTML|\.innerHTML\s*=|\beval\(|new Function\(/,
    /setAsDefaultProtocolClient|setUserAgent|remote-debugging/,
  ])('%s', (pattern) => {
    expect(having(pattern)).toEqual([]);
  });

  it('turns off no sandbox, in scripts and data neither', () => {
    expect(having(/no-sandbox|disable-setuid|ELECTRON_DISABLE_SANDBOX|disable-web-security/, shipped)).toEqual([]);
  });

  it('starts no second Electron as Node', () => {
    expect(having(/\bfork\(|ELECTRON_RUN_AS_NODE|utilityProcess/, files('src/main/electron'))).toEqual([]);
  });

  it('lets no other entry load Electron', () => {
    const loads = files('out/main').filter((path) => /\.js$/.test(path) && /from\s*["']electron["']/.test(read(path)));
    expect(loads).toEqual([join('out', 'main', 'electron.js')]);
  });
});

describe('the version of Electron', () => {
  it('is pinned exactly, and of a major that is supported', () => {
    const { supported } = JSON.parse(read('scripts/packaging/electron-majors.json')) as { supported: number[] };
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };
    const version = lock.packages['node_modules/electron']?.version ?? '';
    expect(supported).toContain(Number(version.split('.')[0]));
    expect(JSON.parse(read('package.json')).devDependencies.electron).toBe(version);
  });
});

describe('the fuses of packages', () => {
  it('are these', () => {
    expect(JSON.parse(read('scripts/packaging/fuses.json'))).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });
});
