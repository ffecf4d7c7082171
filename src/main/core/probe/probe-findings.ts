import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { type ModelSite, modelField } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { compareVersions, gatewayTag, minorOf, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { clockLimitSeconds } from '../http/clock-limit.ts';
import { ollamaContext } from '../serving/openai/ollama-context.ts';

/** Reports the clock of a server that answered, when it differs from this machine's by more than the gateway tolerates. */
export function clockFinding(title: string, offsetSeconds: number | null): Finding[] {
  if (offsetSeconds === null || Math.abs(offsetSeconds) <= clockLimitSeconds) return [];
  const side = offsetSeconds > 0 ? 'ahead of' : 'behind';
  return [
    {
      id: 'probe.clock',
      severity: 'amber',
      title: `A clock is wrong: the one behind "${title}" is ${Math.abs(offsetSeconds)} s ${side} this machine's`,
      consequence:
        "The AI Gateway allows no difference between its clock and GitLab's: it rejects tokens as expired or not yet valid.",
      remedies: [
        steps(
          'Synchronise the clocks of all hosts with one time source in the enclave; chronyc tracking shows the offset.',
        ),
      ],
      howWeKnow: 'the Date header of its answer',
    },
  ];
}

/** Reports a GitLab of another minor version than the site file says. */
export function versionFinding({ gitlab, gateway }: SiteFile, found: string): Finding[] {
  const minor = minorOf(found);
  if (minor === undefined || compareVersions(minor, gitlab.version) === 0) return [];
  const image = `the gateway image ${gatewayTag(parseGitlabVersion(minor))}`;
  return [
    {
      id: 'probe.gitlab-version',
      severity: 'amber',
      title: `GitLab reports version ${found}, but the site file says ${gitlab.version}`,
      consequence:
        'The settings, the models and the gateway image depend on the version: GitLab supports only a gateway of its own minor version.',
      remedies: [
        steps(
          gateway.kind === 'existing'
            ? `Set gitlab.version to "${minor}" in the site file and deploy again. On the gateway's host, run ${image}.`
            : `Set gitlab.version to "${minor}" in the site file, and deploy again with ${image}.`,
        ),
      ],
      howWeKnow: "metadata in GitLab's GraphQL API",
    },
  ];
}

/** Reports an Ollama that was there before the site, when it serves the model with a smaller context than the site file says, or does not say with which. */
export function contextFinding(of: ModelSite, answer: string): Finding[] {
  const { model } = of;
  const served = ollamaContext(answer, model.servedName);
  if (served === undefined || served === 'not-loaded') return [];
  if (served !== 'not-reported' && served >= model.contextTokens) return [];
  const set = `Set num_ctx in the Modelfile of ${model.servedName}, or OLLAMA_CONTEXT_LENGTH of the server, to ${model.contextTokens}.`;
  const about = { severity: 'amber' as const, howWeKnow: "Ollama's list of loaded models (/api/ps)" };
  if (served === 'not-reported')
    return [
      {
        ...about,
        id: 'probe.context-unknown',
        title: `The context with which Ollama serves ${model.servedName} is unknown`,
        consequence: `This version of Ollama does not report it. If it is smaller than the ${model.contextTokens} tokens of the site file, Ollama cuts longer prompts and does not say so.`,
        remedies: [steps(set)],
      },
    ];
  return [
    {
      ...about,
      id: 'probe.context-smaller',
      title: `Ollama serves ${model.servedName} with a context of ${served} tokens, but the site file says ${model.contextTokens}`,
      consequence: 'The front refuses longer prompts, which Ollama would cut without saying so.',
      remedies: [
        steps(set, `Or set ${modelField(of, 'contextTokens')} to ${served} in the site file, then deploy again.`),
      ],
    },
  ];
}
