import { readCatalog } from '../settings/read-catalog.ts';
import { type HardwareCatalog, hardwareCatalog } from './hardware-catalog.ts';

/** Reads `catalog/hardware.yaml` below the app's resources. Throws `catalog.damaged`. */
export function loadHardwareCatalog(resources: string): Promise<HardwareCatalog> {
  return readCatalog(resources, 'hardware.yaml', hardwareCatalog);
}
