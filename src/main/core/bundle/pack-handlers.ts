import type { pack, packPlan } from '../../../shared/contract/pack.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { loadSigner, showKey } from './keys.ts';
import { packBundle } from './pack-bundle.ts';
import { refuseHeadCopy } from './pack-head-copy.ts';
import { describePlan } from './pack-plan.ts';
import { type PreparedPack, preparePack } from './pack-prepare.ts';
import { readBundleSpec } from './pack-spec.ts';

/** Implements `pack` and `packPlan` of the area `bundle`. */
export function packHandlers(ports: CorePorts): AreaHandlers<{ pack: typeof pack; packPlan: typeof packPlan }> {
  return {
    packPlan: async (input, work) => describePlan(await prepare(input, work)),
    pack: async (input, work) => {
      const { keys } = homePaths(ports.home);
      const signer = await loadSigner(input.key ?? (await showKey(keys)).name, keys);
      const prepared = await prepare(input, work);
      if (input.head) await refuseHeadCopy(input.head, prepared, input.overwrite);
      sayPlan(prepared, work);
      const { workers, version, now } = ports;
      return packBundle(prepared, { signer, workers, version, now, readBack: input.readBack, head: input.head }, work);
    },
  };
}

async function prepare(input: ParsedInputOf<typeof packPlan>, work: Work): Promise<PreparedPack> {
  const loaded = await readBundleSpec(input.spec);
  const { partBytes, mediumBytes, overwrite } = input;
  return preparePack(loaded, { targets: input.to, partBytes, mediumBytes, overwrite }, work);
}

function sayPlan(prepared: PreparedPack, work: Work): void {
  for (const { label, path, bytes, files, filesystem, contents } of describePlan(prepared).media) {
    const names = contents.map((content) => content.name).join(', ');
    work.log(`${label} → ${path} (${filesystem}): ${bytes} bytes in ${files} files: ${names}`);
  }
  const saved = prepared.sources.filter((source) => source.saved).map((source) => source.name);
  if (saved.length > 0) {
    work.log(
      `By the engine's own figures, a little more set aside: ${saved.join(', ')}; sizes are known while it is read.`,
    );
  }
  for (const { target } of prepared.media) {
    if (!target.exists) work.warn(`${target.path} did not exist and will be made: is the medium mounted?`);
  }
  if (prepared.unused.length > 0) work.log(`Not needed: ${prepared.unused.join(', ')}`);
}
