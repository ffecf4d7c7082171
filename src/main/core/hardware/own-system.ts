import type { PackageSystem } from '../store/carried-packages.ts';
import { readOs } from './operating-system.ts';
import { thisSystem } from './system-view.ts';

const timeoutMs = 5000;

/** Returns what decides which packages this machine takes. */
export async function ownSystem(): Promise<PackageSystem> {
  const view = thisSystem(timeoutMs);
  const { id, version } = await readOs(view);
  return { id, version, architecture: view.architecture };
}
