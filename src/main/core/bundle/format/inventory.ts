import { z } from 'zod';
import { maxContents } from '../../../../shared/bundle-spec.ts';
import { digest } from '../../../../shared/digest.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { featureName, neededEngine } from '../../../../shared/site-needs.ts';

/** The member `kind` of an inventory. */
export const inventoryKind = 'sealift.inventory';
/** A larger file is no inventory: this is more than a thousand contents of a thousand files each. */
export const maxInventoryBytes = 128 * 1024 * 1024;

const blob = z.strictObject({ digest, sizeBytes: z.int().nonnegative() });

/** One thing that a site has. */
const inventoryContent = z.strictObject({
  kind: z.enum(['image', 'model', 'files']),
  name: z.string().min(1).max(255).refine(isPlainLine, 'has characters that cannot be shown as they are'),
  manifest: blob,
  /** Config first, then the layers in the order of the manifest. Of models and file sets, layers that the store lacks are left out. */
  blobs: z.array(blob).max(10_000),
});
export type InventoryContent = z.infer<typeof inventoryContent>;

/** What a site is, as far as an upgrade of it depends on that. */
const inventorySite = z.strictObject({
  gitlab: z.string().regex(/^\d{2}\.\d{1,2}(\.\d{1,2})?$/),
  engine: neededEngine,
  features: z.array(featureName).max(4),
  /** True for a gateway from the FIPS image. */
  fips: z.boolean(),
});
export type InventorySite = z.infer<typeof inventorySite>;

/** What a site has, as `sealift inventory` writes it for the packing side: names and digests, nothing about machines or people. */
export const inventory = z.strictObject({
  kind: z.literal(inventoryKind),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  toolVersion: z.string().max(50),
  /** Absent where no site is deployed, and in the inventories of older versions. */
  site: inventorySite.optional(),
  contents: z.array(inventoryContent).max(10 * maxContents),
});
export type Inventory = z.infer<typeof inventory>;
