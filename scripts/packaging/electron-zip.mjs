import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const zipName = /^electron-v(\d+[.]\d+[.]\d+)-(linux|win32)-(x64|arm64)[.]zip$/;
const systems = { linux: 'linux', win: 'win32' };

/**
 * Returns the version and platform of a downloaded Electron. Throws unless the file is one that the `electron` package of the lock file
 * lists, with that checksum. With `forTests`, any other version is accepted.
 */
export function checkedElectronZip(file, forTests) {
  const [name, version, system, cpu] = zipName.exec(basename(file)) ?? [];
  const wanted = electronVersion();
  if (name === undefined)
    throw new Error(`${file} is not named like a release of Electron: electron-v${wanted}-linux-x64.zip.`);
  const listed = electronPackage('checksums.json')[name];
  if (listed === undefined && !forTests)
    throw new Error(`${file} is not Electron ${wanted}, the version that Sealift is built for.`);
  const found = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (listed !== undefined && found !== listed)
    throw new Error(`${file} is damaged or was changed: its SHA-256 is ${found}, not ${listed}.`);
  return { file, version, system, cpu, sha256: found, platform: `${system === 'win32' ? 'win' : system}-${cpu}` };
}

/** Downloads Electron for a platform and returns the file. Uses the cache, proxy and mirror settings of the `electron` package. */
export async function fetchElectronZip(platform) {
  const [system, arch] = platform.split('-');
  const { downloadArtifact } = await import('@electron/get');
  const version = electronVersion();
  const what = { version, artifactName: 'electron', platform: systems[system], arch };
  return downloadArtifact({ ...what, checksums: electronPackage('checksums.json') }).catch((error) => {
    const name = `electron-v${version}-${systems[system]}-${arch}.zip`;
    throw new Error(
      `${name} could not be downloaded. ${error.message}\nBring it from elsewhere: --electron-zip ${name}`,
    );
  });
}

function electronVersion() {
  return electronPackage('package.json').version;
}

/** A file of the `electron` package. Loading the package itself would start a download. */
function electronPackage(file) {
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(`electron/${file}`), 'utf8'));
}
