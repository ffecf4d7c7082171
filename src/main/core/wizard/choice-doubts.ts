import type { WizardAnswers } from '../../../shared/contract/wizard.ts';
import type { SiteFile } from '../../../shared/site-file.ts';

/** Under this name the reason for such doubts is kept among the overrides. */
export const choiceOverride = 'model.choice';

/**
 * Where the model that was chosen is not sure to fit, or where it, or what the site file makes of the choice, is not what was
 * recommended or chosen: one sentence each. Empty while nothing is chosen.
 */
export function choiceDoubts(answers: WizardAnswers, site: SiteFile | null | undefined): string[] {
  const { modelId, recommendedId, contextTokens, gitlabVersion, features, verdict = 'not-known' } = answers;
  if (modelId === undefined) return [];
  const missing = site ? features.filter((one) => !site.features.includes(one)) : [];
  const isOtherContext = site && contextTokens !== undefined && site.model.contextTokens !== contextTokens;
  const isOtherVersion = site && gitlabVersion !== undefined && minorOf(site.gitlab.version) !== minorOf(gitlabVersion);
  // A server that runs already is not judged by the memory of this machine.
  const isElsewhere = site?.model.engine === 'external';
  return [
    !isElsewhere && verdict === 'does-not-fit' && `${modelId} does not fit this machine with what was chosen`,
    !isElsewhere && verdict === 'not-known' && `Whether ${modelId} fits this machine is not known`,
    recommendedId !== undefined &&
      recommendedId !== modelId &&
      `${modelId} was chosen although ${recommendedId} was recommended`,
    isOtherContext && `The site file has a context of ${site.model.contextTokens} tokens, ${contextTokens} were chosen`,
    isOtherVersion && `The site file is for GitLab ${site.gitlab.version}, the model was chosen for ${gitlabVersion}`,
    missing.length > 0 && `The site file leaves out what was wanted: ${missing.join(', ')}`,
  ].filter((one) => typeof one === 'string');
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
