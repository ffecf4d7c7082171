import { readFileSync } from 'node:fs';

/** What a package names as a dependency and the build leaves out. */
const neverLoaded = JSON.parse(readFileSync(new URL('never-loaded.json', import.meta.url), 'utf8'));

/**
 * Returns the packages that `roots` need on a platform (`linux-x64`), as a map from their place in the lock file to their entry there.
 * Left out: native packages for other platforms, optional ones that would have to be compiled, and those that are never loaded.
 */
export function lockedPackages(lock, roots, platform) {
  const found = new Map();
  for (const root of roots) follow(root, '', true);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));

  function follow(name, from, isRequired) {
    const place = placeOf(name, from);
    const entry = lock.packages[place];
    if (isRequired && (entry === undefined || (name === enginePackage(platform) && isPlaceholder(entry))))
      throw new Error(
        `package-lock.json lacks ${name}, which ${from || 'Sealift'} needs.${
          name === enginePackage(platform)
            ? ` Without it, Sealift cannot serve models itself: --without-engine ${platform}`
            : ''
        }`,
      );
    if (entry === undefined || found.has(place) || !isFor(name, entry, platform)) return;
    found.set(place, entry);
    for (const one of Object.keys(entry.dependencies ?? {})) follow(one, place, true);
    for (const one of Object.keys(entry.optionalDependencies ?? {})) follow(one, place, false);
    for (const one of Object.keys(entry.peerDependencies ?? {}))
      if (entry.peerDependenciesMeta?.[one]?.optional !== true) follow(one, place, true);
  }

  /** As Node resolves it: next to the package that needs it, then further out. */
  function placeOf(name, from) {
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
      const place = `${folder}${folder && '/'}node_modules/${name}`;
      if (lock.packages[place] !== undefined || folder === '') return place;
    }
  }
}

/** Returns the name under which a place in the lock file is imported. */
export function nameAt(place) {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Returns the name of the package with llama.cpp for the CPU of a platform. */
export function enginePackage(platform) {
  const names = { 'darwin-arm64': 'mac-arm64-metal', 'darwin-x64': 'mac-x64' };
  return `@node-llama-cpp/${names[platform] ?? platform}`;
}

/** Whether package.json overrides a package with nothing: the lock file then has this one in its place. */
function isPlaceholder(entry) {
  return entry.name === 'empty-npm-package';
}

function isFor(name, entry, platform) {
  const [system, cpu] = platform.split('-');
  const os = system === 'win' ? 'win32' : system;
  if (neverLoaded.includes(name) || isPlaceholder(entry) || (entry.optional && entry.hasInstallScript)) return false;
  // Their `cpu` also lists machines that could cross-compile.
  if (name.startsWith('@node-llama-cpp/')) return name === enginePackage(platform);
  const fits = (list, value) => list === undefined || list.includes(value);
  return fits(entry.os, os) && fits(entry.cpu, cpu) && fits(entry.libc, 'glibc');
}
