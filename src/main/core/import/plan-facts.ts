import type { OpenBundle } from '../bundle/open-media.ts';
import type { SeenContent } from '../bundle/read-blob.ts';
import type { BlobsHere } from './blobs-here.ts';
import type { ImagesChoice } from './import-images.ts';
import type { ImportPlan } from './plan-import.ts';
import type { StorePaths } from './store-paths.ts';

/** All that the rows of a plan are made of. */
export interface PlanFacts {
  open: OpenBundle;
  paths: StorePaths;
  contents: SeenContent[];
  plan: ImportPlan;
  images: ImagesChoice;
  /** Digests of blobs that go from the media straight into the engine. */
  straight: Map<string, number>;
  here: BlobsHere;
}
