import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { systemText } from '../../../shared/carried-packages.ts';
import { contentPathProblem } from '../../../shared/content-path.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { runTool } from '../processes/run-tool.ts';
import { isFor, type PackageSystem, type StoredPackages } from '../store/carried-packages.ts';
import { installedDebs } from './debian-packages.ts';
import { installedRpms } from './rpm-packages.ts';

/** What an installation will run. */
export interface PreparedInstall {
  set: StoredPackages;
  /** Absolute paths of the packages that will be installed. */
  files: string[];
  /** Those whose package is already installed in this or a newer version. */
  present: string[];
  /** The command for root; empty if there is nothing to install. */
  command: string[];
}

const timeoutMs = 60_000;

/** Verifies the packages of a set and plans their installation. Throws `packages.other-system`, `packages.none`, `packages.damaged`. */
export async function prepareInstall(
  set: StoredPackages,
  here: PackageSystem,
  signal?: AbortSignal,
): Promise<PreparedInstall> {
  const { name, packages, path: folder } = set;
  if (!isFor(packages, here)) {
    const own = `${here.id ?? 'another system'} ${here.version ?? ''}`.trim();
    throw appError('packages.other-system', {
      name,
      wanted: systemText(packages),
      here: `${own} (${here.architecture})`,
    });
  }
  const ending = ['.deb', '.rpm'].find((one) => set.files.some(({ path }) => path.endsWith(one)));
  if (ending === undefined) throw appError('packages.none', { name, folder });
  const paths: string[] = [];
  for (const { path, sha256 } of set.files.filter((one) => one.path.endsWith(ending))) {
    const whole = join(folder, path);
    const isSame = contentPathProblem(path) === undefined && (await sha256Of(whole, signal)) === sha256;
    if (!isSame) throw appError('packages.damaged', { name, path: whole });
    paths.push(whole);
  }
  const present = await (ending === '.deb' ? installedDebs(paths) : installedRpms(paths));
  const files = paths.filter((one) => !present.includes(one));
  return { set, files, present, command: files.length === 0 ? [] : [...(await installer(ending)), ...files] };
}

/** The command that installs these files, without network. */
async function installer(ending: string): Promise<string[]> {
  const has = async (tool: string) => (await runTool(tool, ['--version'], timeoutMs)).kind !== 'missing';
  if (ending === '.rpm')
    return (await has('dnf')) ? ['dnf', 'install', '--assumeyes', '--disablerepo=*'] : ['rpm', '--upgrade'];
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  if (!(await has('apt-get'))) return [...quiet, 'dpkg', '--install'];
  // Without sources it can only take what it is given. (With --no-download it would not even read local files.)
  const noSources = ['Dir::Etc::SourceList', 'Dir::Etc::SourceParts'].flatMap((one) => ['-o', `${one}=/dev/null`]);
  return [...quiet, 'apt-get', 'install', '--yes', '--no-install-recommends', ...noSources];
}

/** Undefined for a file that cannot be read. */
async function sha256Of(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) hash.update(piece);
    return hash.digest('hex');
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
