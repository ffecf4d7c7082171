/** Names that Windows keeps for devices, whatever their extension; spaces before that do not count. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *(\.|$)/i;
/** The longest name of a file on ext4, XFS and Btrfs, in bytes of UTF-8. */
const maxNameBytes = 255;
const utf8 = new TextEncoder();

/** Returns why a model or file set cannot have this name, besides what its letters say, when packing as when importing. */
export function contentNameProblem(name: string): string | undefined {
  return name.endsWith('.part') ? 'the ending ".part" is reserved for unfinished work' : segmentProblem(name);
}

/**
 * Returns why a path below a content's folder is refused, when packing as when importing, or undefined: what could leave the folder,
 * what cannot be shown as it is, and what some filesystem on the way cannot store.
 */
export function contentPathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > 255) return 'it has more than 255 characters';
  if (path.startsWith('/') || path.includes('\\') || path.includes(':')) {
    return 'it is absolute, or has a backslash or a colon';
  }
  // Format characters (\p{Cf}) can turn the shown order of letters around.
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(path)) return 'it has characters that cannot be shown';
  if (path !== path.normalize('NFC')) return 'its accents are written as characters of their own (not NFC)';
  return path.split('/').map(segmentProblem).find(Boolean);
}

/** Returns why a name of a file or folder is refused, or undefined. */
export function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'it has an empty segment';
  if (segment === '.' || segment === '..') return `it has a segment "${segment}"`;
  if (utf8.encode(segment).length > maxNameBytes)
    return `its name "${segment.slice(0, 20)}…" has more than ${maxNameBytes} bytes, which file systems cannot store`;
  if (deviceName.test(segment)) return `"${segment}" is the name of a device on Windows`;
  if (/[<>"|?*]/.test(segment)) return `Windows cannot store the name "${segment}"`;
  if (/[ .]$/.test(segment)) return `"${segment}" ends in a space or a dot, which Windows removes`;
  return undefined;
}

/** Returns one text for all paths that some filesystem takes for the same: letter case (`ß` is `SS`) and composed accents do not count. */
export function foldedPath(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Returns the first two paths that cannot be in one folder: taken for the same, or a file where the other needs a folder. */
export function clashingPaths(paths: readonly string[]): [string, string] | undefined {
  const files = new Map<string, string>();
  for (const path of paths) {
    const other = files.get(foldedPath(path));
    if (other !== undefined) return [other, path];
    files.set(foldedPath(path), path);
  }
  for (const path of paths) {
    const segments = foldedPath(path).split('/');
    for (let end = 1; end < segments.length; end += 1) {
      const file = files.get(segments.slice(0, end).join('/'));
      if (file !== undefined) return [file, path];
    }
  }
  return undefined;
}
