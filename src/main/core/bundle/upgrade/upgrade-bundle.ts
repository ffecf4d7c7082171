import { Document } from 'yaml';
import type { BundleSpec } from '../../../../shared/bundle-spec.ts';
import { byHandText } from '../../../../shared/contract/needs.ts';
import type { UpgradePlan } from '../../../../shared/contract/upgrade-plan.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import type { SiteNeeds } from '../../../../shared/site-needs.ts';
import { yamlComment } from '../needs/needs-text.ts';

/** Returns the `BUNDLE.yaml` of an upgrade, with the command that packs only what the site lacks. */
export function upgradeBundle(
  site: SiteNeeds,
  { from, to, byHand, notes }: Pick<UpgradePlan, 'from' | 'to' | 'byHand' | 'notes'>,
  { inventory, file }: { inventory: string; file: string },
): string {
  const { gitlab, engine, features, models, fips } = site;
  const spec: Pick<BundleSpec, 'bundle' | 'name'> & { site: Partial<SiteNeeds> } = {
    bundle: 1,
    name: `upgrade-${to.replaceAll('.', '-')}`,
    site: {
      gitlab,
      engine,
      ...(features.length > 0 && { features }),
      ...(models && { models }),
      ...(fips && { fips }),
    },
  };
  const document = new Document(spec);
  document.commentBefore = yamlComment([
    `What a site with GitLab ${from.gitlab} needs for ${to}, as "sealift upgrade plan" worked it out. Change what you want.`,
    'This packs only what the site lacks:',
    `  sealift bundle pack ${shellWord(file)} --base ${shellWord(inventory)} --to FOLDER`,
    ...notes,
    ...byHand.map(byHandText),
  ]);
  return document.toString({ lineWidth: 0 });
}
