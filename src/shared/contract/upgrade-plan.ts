import { z } from 'zod';
import { call } from '../rpc/contract.ts';
import { modelFeature } from './models.ts';
import { workedOut } from './needs.ts';

const path = z.string().min(1).max(4096);
const version = z.string().min(1).max(40);
const step = z.object({ id: z.string(), title: z.string(), where: z.string(), how: z.array(z.string()) });

/** How GitLab's support of a model changes. `unlisted`: on neither page; `unknown`: Sealift doesn't know which model it is. */
const modelChange = z.enum(['gone', 'lost', 'gained', 'changed', 'same', 'new', 'unlisted', 'unknown']);

/** What an upgrade of a site to another GitLab version takes, from the catalogues alone: no host is asked. */
export const upgradePlan = z.object({
  from: z.object({
    gitlab: version,
    /** How that is known, in words. */
    basis: z.string(),
  }),
  to: version,
  eras: z.object({ before: z.string(), after: z.string() }),
  /** The versions in order, the target last, each with the tag of its AI Gateway. `only`: the installations that must stop there. */
  order: z.array(z.object({ gitlab: version, gatewayTag: z.string(), only: z.string().optional() })),
  /** Where the order comes from. */
  orderSource: z.string(),
  models: z.array(
    z.object({
      /** The site's name for it. */
      name: z.string(),
      /** GitLab's name on the page of the target, or of the version before. */
      listedAs: z.string().optional(),
      change: modelChange,
      /** What changes, in GitLab's words; null: the page doesn't say. */
      features: z.array(
        z.object({
          feature: modelFeature,
          before: z.string().nullable(),
          after: z.string().nullable(),
          change: z.enum(['gained', 'lost', 'changed', 'unknown']),
        }),
      ),
    }),
  ),
  /** Self-hosted models that GitLab lists for the target and not for the version before. */
  newModels: z.array(z.string()),
  images: z.array(
    z.object({
      title: z.string(),
      /** With a * for the newest patch, which packing asks the registry for. */
      reference: z.string(),
      isHeld: z.boolean(),
      /** As documented; null: not known until packed. */
      bytes: z.int().nonnegative().nullable(),
      why: z.array(z.string()),
      source: z.string(),
    }),
  ),
  byHand: workedOut.shape.byHand,
  steps: z.object({ added: z.array(step), removed: z.array(step) }),
  /** Variables of the gateway's container that Sealift sets. */
  variables: z.object({ added: z.array(z.string()), removed: z.array(z.string()), changed: z.array(z.string()) }),
  notes: z.array(z.string()),
  carry: z.object({
    /** Of those whose size is documented; layers that the site has make it less. */
    knownBytes: z.int().nonnegative(),
    /** What has no known size until it is packed. */
    unknown: z.array(z.string()),
  }),
  /** A `BUNDLE.yaml` for `pack --base`. */
  bundle: z.string(),
});
export type UpgradePlan = z.infer<typeof upgradePlan>;

/** Plans an upgrade on the connected side. Throws `upgrade.version-unknown`, `gitlab.version-*`, `input.invalid`, `inventory.invalid`. */
export const planUpgrade = call(
  z.strictObject({
    /** The inventory of the site. */
    from: path,
    to: version,
    /** The site's GitLab version. Default: what the inventory says. */
    gitlab: version.optional(),
    /** Where to write the `BUNDLE.yaml`, which must not exist yet. */
    out: path.optional(),
  }),
  upgradePlan,
);
