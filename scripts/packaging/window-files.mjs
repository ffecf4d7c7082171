import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const entry = 'out/main/electron.js';

/** Returns a new folder inside `temporary` with the window's code alone: its main process, preload script and page. */
export function windowFiles({ root, version, temporary }) {
  const folder = mkdtempSync(join(temporary, 'window-'));
  const own = { name: 'sealift', productName: 'Sealift', version, type: 'module', main: entry };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...own, desktopName: 'sealift.desktop' }));
  const page = readdirSync(join(root, 'out/renderer'), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !/[.](map|br)$/.test(file.name))
    .map((file) => join(file.parentPath, file.name).slice(root.length + 1));
  for (const file of [...reached(root, entry), 'out/preload/index.cjs', ...page]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  return folder;
}

/** A built file and all that it imports, by path. */
function reached(root, file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(join(root, file), 'utf8').matchAll(
    /^(?:import|export) .*?"([.][^"]+)"|\bimport\("([.][^"]+)"\)/gm,
  ))
    if (path !== undefined) reached(root, join(dirname(file), path), found);
  return found;
}
