import { readFileSync } from 'node:fs';

/** Returns the newest glibc version that any of these ELF files asks for, such as `2.28`; `0` for none. */
export function glibcNeed(files) {
  const wanted = files.flatMap((file) => [
    ...readFileSync(file)
      .toString('latin1')
      .matchAll(/\0GLIBC_2\.(\d+)(?=[.\d]*\0)/g),
  ]);
  const newest = Math.max(-1, ...wanted.map(([, minor]) => Number(minor)));
  return newest < 0 ? '0' : `2.${newest}`;
}
