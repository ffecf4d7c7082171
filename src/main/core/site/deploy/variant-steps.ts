import { bytesText } from '../../../../shared/bytes-text.ts';
import { modelSites } from '../../../../shared/model-sites.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { gpuNames } from '../../catalog/variant-gpu.ts';
import type { CorePorts } from '../../ports.ts';
import {
  isUnpacked,
  type StoredVariant,
  storedVariants,
  unpackVariant,
} from '../../serving/variants/stored-variants.ts';
import { type Step, type StepAction, type StepOf, step } from './step.ts';

/** Returns the imported variants of llama.cpp that a site's embedded engines try; none where all of them are to stay on the CPU. */
export async function siteVariants(site: SiteFile, ports: Pick<CorePorts, 'paths' | 'resources'>) {
  const isWanted = modelSites(site).some(({ model }) => model.engine === 'llamacpp' && model.gpu !== 'none');
  return isWanted ? storedVariants(ports) : [];
}

/** The steps that unpack variants. */
export function variantSteps(variants: readonly StoredVariant[]): Step[] {
  return variants.map((variant) => {
    const folders = variant.packages.map(({ folder }) => folder).join(', ');
    const bytes = variant.packages.reduce((sum, one) => sum + one.bytes, 0);
    const what = `${folders}, ${bytesText(bytes)} packed; used if it finds a device when the engine starts`;
    return step(`package.${variant.gpu}`, `llama.cpp for ${gpuNames[variant.gpu]}`, what, { kind: 'package', variant });
  });
}

/** Unpacks a variant; what is unpacked already was checked then. */
export const packageAction: StepAction<StepOf<'package'>> = {
  check: async ({ variant }) => ((await isUnpacked(variant)) ? 'exists' : 'will-be-made'),
  apply: ({ variant }, { work }) => unpackVariant(variant, work.signal),
  verify: async ({ variant }) => ((await isUnpacked(variant)) ? undefined : 'it is missing'),
};
