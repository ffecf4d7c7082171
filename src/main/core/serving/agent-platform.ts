import { cloudOf } from '../../../shared/cloud-platforms.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { type ModelSite, modelField } from '../../../shared/model-sites.ts';
import type { TokenizerTexts } from '../weights/folder/tokenizer-texts.ts';
import type { ChosenParser } from './containers/tool-parser.ts';

/**
 * What an agent's first request takes: three system messages and 31 tools in 75 KB, about 19,000 tokens, plus a file and an answer
 * (observed on a gateway of 19.2).
 */
const leastTokens = 32_768;
/** From here on agents can take the many turns that their tasks need. */
const goodTokens = 65_536;

/** Reports a context in which agents soon run out of room. Throws `site.agents-unfit` for one that their first request may fill. */
export function agentContextFindings(site: ModelSite): Finding[] {
  const { features, model } = site;
  const { contextTokens } = model;
  const field = modelField(site, 'contextTokens');
  // The context of a platform on the internet is not the site's to set.
  if (!features.includes('DUO_AGENT_PLATFORM') || cloudOf(model) || contextTokens >= goodTokens) return [];
  if (contextTokens < leastTokens)
    throw appError('site.agents-unfit', {
      problem: `their first request takes about 19,000 tokens, and the context has ${contextTokens}`,
      change: `Set ${field} to at least ${leastTokens}, better ${goodTokens}, if the model and its memory allow it.`,
    });
  return [
    {
      id: 'site.agents-short-context',
      severity: 'amber',
      title: `Agents have little room in a context of ${contextTokens} tokens`,
      consequence: 'Short tasks work. Longer ones fail when their turns fill the context.',
      howWeKnow: `their first request takes about 19,000 tokens; ${goodTokens} in all are enough for most tasks`,
      remedies: [steps(`Set ${field} to ${goodTokens} or more, if the model and its memory allow it.`)],
    },
  ];
}

/** Throws `site.agents-unfit` when a vLLM could not call tools, which agents do in every turn: by its parser or its chat template. */
export function refuseWithoutTools(site: ModelSite, parser: ChosenParser, texts: TokenizerTexts): void {
  const { features, model } = site;
  if (!features.includes('DUO_AGENT_PLATFORM')) return;
  if (parser.name === undefined)
    throw appError('site.agents-unfit', {
      problem: `agents call tools, and vLLM has no tool-call parser for ${model.name}`,
      change: `Set ${modelField(site, 'vllm.toolCallParser')} to the parser that the model's publisher names, or choose another model.`,
    });
  if (texts.has('tools', 'template') !== false) return;
  throw appError('site.agents-unfit', {
    problem: `agents call tools, and the chat template of ${model.name} does not mention tools`,
    change: `Set ${modelField(site, 'vllm.chatTemplate')} to a template with tools, or choose another model.`,
  });
}
