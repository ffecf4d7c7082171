import { AppError } from '../../../shared/errors/app-error.ts';
import { ownSystem } from '../hardware/own-system.ts';
import { installRemedies, storedPackages } from '../store/carried-packages.ts';

/** Returns what was thrown; an error that misses a container engine on this machine then starts with how to install one from the store. */
export async function withPackageRemedies(thrown: unknown, store: string): Promise<unknown> {
  if (!(thrown instanceof AppError) || thrown.code !== 'engine.absent') return thrown;
  if (/^(tcp|https?):/.test(String(thrown.wire.details.address))) return thrown;
  const sets = await storedPackages(store).catch(() => []);
  const install = sets.length === 0 ? [] : installRemedies('container-engine', await ownSystem(), sets);
  if (install.length === 0) return thrown;
  return new AppError({ ...thrown.wire, remedies: [...install, ...thrown.wire.remedies] }, thrown.cause);
}
