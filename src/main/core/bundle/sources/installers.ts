import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { segmentProblem } from '../../../../shared/content-path.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { readNamed } from '../../files/read-bounded.ts';
import { sha256Hex } from '../../files/sha256.ts';
import type { LoadedSpec } from './read-bundle-spec.ts';

/** Packages of Sealift as `npm run package` makes them. */
export interface Installers {
  folder: string;
  /** `SHA256SUMS`, which lists all other files. */
  sums: Buffer;
  files: { name: string; sizeBytes: number; sha256: string }[];
}

const sumsName = 'SHA256SUMS';
const listOfPackages = "The list of Sealift's packages, which `npm run package -- --to FOLDER` makes,";
const maxSumsBytes = 64 * 1024;
const maxPackageBytes = 1024 ** 3;
const sumLine = /^([0-9a-f]{64}) [ *]([A-Za-z0-9][\w+.-]*)$/;
const needed = ['install.sh', 'PACKAGES'];

/** Finds the packages that a bundle takes along, and reads none of them. Throws `pack.installers`, `file.missing`, `file.denied`. */
export async function openInstallers({ spec, folder: from }: LoadedSpec): Promise<Installers | undefined> {
  if (spec.installers === undefined) return undefined;
  const folder = resolve(from, spec.installers);
  const sums = await readNamed(join(folder, sumsName), maxSumsBytes, listOfPackages);
  const files: Installers['files'] = [];
  for (const line of sums.toString().split('\n').filter(Boolean)) {
    const [, sha256 = '', name = ''] = sumLine.exec(line) ?? [];
    if (!name || segmentProblem(name))
      throw appError('pack.installers', { folder, problem: `${sumsName} has the line ${JSON.stringify(line)}` });
    files.push({ name, sha256, sizeBytes: await sizeOf(join(folder, name)) });
  }
  const missing = needed.find((name) => files.every((file) => file.name !== name));
  if (missing) throw appError('pack.installers', { folder, problem: `${sumsName} does not list ${missing}` });
  return { folder, sums, files };
}

/** Returns the bytes of one package. Throws `pack.installers` when they do not match their checksum. */
export async function readInstaller({ folder }: Installers, file: Installers['files'][number]): Promise<Buffer> {
  const bytes = await readNamed(join(folder, file.name), maxPackageBytes, 'The package');
  if (sha256Hex(bytes) !== file.sha256)
    throw appError('pack.installers', { folder, problem: `${file.name} does not match its checksum in ${sumsName}` });
  return bytes;
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path).catch((error) => {
    throw fileError(path, 'read', error, 'The package');
  });
  return size;
}
