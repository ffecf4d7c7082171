import { featureLabels } from '../../../../shared/feature-labels.ts';
import { compareVersions } from '../../catalog/gitlab-version.ts';
import { contradiction, type NeedsQuestion } from './needs-question.ts';

/** Throws `needs.contradict` for features, and for an engine, that the site's GitLab version does not have. */
export function refuseFeatures({ site, features, chosen, eras }: NeedsQuestion): void {
  const reasons: string[] = [];
  const since = eras.duoSettings.find((one) => one.field === 'duoAgentPlatformServiceUrl')?.since;
  const tooEarly = since !== undefined && compareVersions(site.gitlab, since) < 0;
  if (features.includes('agentPlatform') && tooEarly)
    reasons.push(`The self-hosted Agent Platform exists since GitLab ${since}, and the site has ${site.gitlab}.`);
  const { columns, source, first, last } = chosen.page;
  const unsaid = features.filter((one) => columns.length > 0 && !columns.includes(one));
  if (reasons.length === 0 && unsaid.length > 0) {
    const names = unsaid.map((one) => featureLabels[one]).join(', ');
    reasons.push(
      `GitLab's page for ${first === last ? first : `${first}–${last}`} (${source}) doesn't mention ${names}.`,
    );
  }
  if (site.engine === 'litellm-ollama' && compareVersions(site.gitlab, '18.0') >= 0)
    reasons.push(
      "GitLab documents LiteLLM in front of Ollama for 17.x only: use ollama, and Sealift's front replaces LiteLLM.",
    );
  if (reasons.length > 0)
    throw contradiction(
      reasons,
      'Remove what this GitLab version does not have, or write the version after its upgrade.',
    );
}
