import { readCatalog } from '../settings/read-catalog.ts';
import { type ModelCatalog, modelCatalog } from './model-catalog.ts';

/** Reads `catalog/models.yaml` below the app's resources. Throws `catalog.damaged`. */
export function loadModelCatalog(resources: string): Promise<ModelCatalog> {
  return readCatalog(resources, 'models.yaml', modelCatalog);
}
