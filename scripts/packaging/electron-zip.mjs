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

/**
 * Downloads Electron for a platform, checks it and returns the file, from the cache if it is there. Uses the mirror settings of the `electron`
 * package, and the proxy of HTTPS_PROXY. Throws for macOS, which has no desktop package, and with the reason when it can't be had.
 */
export async function fetchElectronZip(platform) {
  const [system, arch] = platform.split('-');
  if (systems[system] === undefined)
    throw new Error(`There is no package with a window for ${platform}: leave out --fetch-electron, or this platform.`);
  const { downloadArtifact, initializeProxy } = await import('@electron/get');
  initializeProxy();
  const version = electronVersion();
  const what = { version, artifactName: 'electron', platform: systems[system], arch };
  return downloadArtifact({ ...what, checksums: electronPackage('checksums.json') }).catch((error) => {
    const name = `electron-v${version}-${systems[system]}-${arch}.zip`;
    const place = `https://github.com/electron/electron/releases/tag/v${version}`;
    throw new Error(
      `${name} could not be downloaded. ${reasons(error).join(': ')}\n` +
        `Behind a proxy, set HTTPS_PROXY. Or bring the file of ${place}: --electron-zip ${name}`,
    );
  });
}

/** What failed, and why: the outer error of a request that was never answered says only that it failed. */
function reasons({ message, code, errors, cause }) {
  const own = message || errors?.map((one) => one.message).join(', ') || code;
  return cause ? [own, ...reasons(cause)] : [own];
}

function electronVersion() {
  return electronPackage('package.json').version;
}

/** A file of the `electron` package. Loading the package itself would start a download. */
function electronPackage(file) {
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(`electron/${file}`), 'utf8'));
}
