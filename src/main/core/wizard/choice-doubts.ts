import type { WizardAnswers } from '../../../shared/contract/wizard.ts';
import { isElsewhere, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { minorOf } from '../catalog/gitlab-version.ts';

/** The name under which the overrides keep the reason for these doubts. */
export const choiceOverride = 'model.choice';

/**
 * Returns one sentence for each doubt: the chosen model may not fit, or the choice or the site file differs from what was
 * recommended or chosen. Empty until a model is chosen.
 */
export function choiceDoubts(answers: WizardAnswers, site: SiteFile | null | undefined): string[] {
  const { modelId, recommendedId, contextTokens, gitlabVersion, features, verdict = 'not-known' } = answers;
  if (modelId === undefined) return [];
  const missing = site ? features.filter((one) => !site.features.includes(one)) : [];
  const models = site ? modelSites(site).map(({ model }) => model) : [];
  const contexts = [...new Set(models.map((one) => one.contextTokens))];
  const isOtherContext = site && contextTokens !== undefined && !contexts.includes(contextTokens);
  const isOtherVersion = site && gitlabVersion !== undefined && minorOf(site.gitlab.version) !== minorOf(gitlabVersion);
  // A model elsewhere does not use the memory of this machine.
  const areElsewhere = models.length > 0 && models.every(isElsewhere);
  return [
    !areElsewhere && verdict === 'does-not-fit' && `${modelId} does not fit this machine with the chosen settings`,
    !areElsewhere && verdict === 'not-known' && `It is unknown whether ${modelId} fits this machine`,
    recommendedId !== undefined &&
      recommendedId !== modelId &&
      `${modelId} was chosen instead of the recommended ${recommendedId}`,
    isOtherContext &&
      `The site file sets a context of ${contexts.join(' and ')} tokens, but ${contextTokens} were chosen`,
    isOtherVersion &&
      `The site file is for GitLab ${site.gitlab.version}, but the model was chosen for ${gitlabVersion}`,
    missing.length > 0 && `The site file lacks requested features: ${missing.join(', ')}`,
  ].filter((one) => typeof one === 'string');
}
