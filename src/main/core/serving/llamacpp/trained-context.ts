import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { type ModelSite, modelField } from '../../../../shared/model-sites.ts';
import { readGgufHeader } from '../../weights/read-gguf-header.ts';
import { agentContextFindings } from '../agent-platform.ts';

/**
 * Reports a context longer than the one that a model was trained for: the embedded engine serves the shorter one. Throws `site.agents-unfit`
 * where agents cannot work with that.
 */
export async function trainedContextFindings(site: ModelSite, ggufPath: string): Promise<Finding[]> {
  const { metadata } = await readGgufHeader(ggufPath);
  const trained = metadata.get(`${metadata.get('general.architecture')}.context_length`);
  if (typeof trained !== 'number' || trained >= site.model.contextTokens) return [];
  const field = modelField(site, 'contextTokens');
  return [
    {
      id: 'site.context-too-long',
      severity: 'amber',
      title: `The site file asks for a context of ${site.model.contextTokens} tokens, but ${site.model.name} has ${trained}`,
      consequence: `The engine serves ${trained} tokens, and refuses longer requests.`,
      howWeKnow: `${ggufPath}: context_length`,
      remedies: [steps(`Set ${field} to ${trained} or less in site.yaml, or choose a model with a longer context.`)],
    },
    ...agentContextFindings({ ...site, model: { ...site.model, contextTokens: trained } }),
  ];
}
