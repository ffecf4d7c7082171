import type { Desktop } from '../../../shared/machine.ts';
import type { SystemView } from './system-view.ts';

/** Programs that show a page, in the order in which they are named; also as Flatpak exports them. */
const browsers = [
  ...['firefox', 'firefox-esr', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  ...[
    'microsoft-edge',
    'microsoft-edge-stable',
    'brave-browser',
    'vivaldi',
    'opera',
    'librewolf',
    'epiphany',
    'falkon',
  ],
  ...['konqueror', 'midori', 'x-www-browser', 'org.mozilla.firefox', 'org.chromium.Chromium', 'com.google.Chrome'],
];
const otherFolders = ['/snap/bin', '/var/lib/flatpak/exports/bin'];
const otherShares = ['/var/lib/flatpak/exports/share', '/var/lib/snapd/desktop'];

/** What handles links, by the cache that `update-desktop-database` writes (Association between MIME types and applications, freedesktop.org). */
const handlers = /^x-scheme-handler\/https=([\w.+-]{1,100})\.desktop;/m;

/** Returns whether programs started from here can show something, on Linux. */
export function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Looks for what can show Sealift's screens on this machine; null on systems that always have a browser. */
export async function collectDesktop(view: SystemView, hasWindow: boolean): Promise<Desktop | null> {
  if (view.platform !== 'linux') return null;
  const folders = [...(view.env.PATH ?? '').split(':').filter(Boolean), ...otherFolders];
  const programs = new Set((await Promise.all(folders.map((folder) => view.names(folder)))).flat());
  const browser = browsers.find((name) => programs.has(name)) ?? (await registeredBrowser(view));
  return { hasDisplay: hasDisplay(view.env), browser, hasWindow };
}

/** The browser that this desktop knows, whatever its name; the cache may still name one that was removed. */
async function registeredBrowser(view: SystemView): Promise<string | null> {
  const {
    HOME,
    XDG_DATA_HOME = HOME && `${HOME}/.local/share`,
    XDG_DATA_DIRS = '/usr/local/share:/usr/share',
  } = view.env;
  const folders = [XDG_DATA_HOME, ...XDG_DATA_DIRS.split(':'), ...otherShares].filter(Boolean);
  for (const folder of folders) {
    const applications = `${folder}/applications`;
    const name = handlers.exec((await view.text(`${applications}/mimeinfo.cache`)) ?? '')?.[1];
    if (name !== undefined && (await view.names(applications)).includes(`${name}.desktop`)) return name;
  }
  return null;
}
