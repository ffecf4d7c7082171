import { z } from 'zod';
import { cloudOf } from '../../../shared/cloud-platforms.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import { readUpstreamKey } from '../files/upstream-key.ts';
import { boundedRequest } from '../http/bounded-request.ts';
import { withoutEndSlash } from '../http/without-end-slash.ts';
import { runningPath } from '../serving/openai/ollama-context.ts';
import type { ContainerTrouble } from '../site/containers/container-trouble.ts';
import type { Hop, ProbeContext } from './hop.ts';
import { judge } from './judge-answer.ts';
import { type HopOutcome, observe, red } from './observation.ts';
import { contextFinding } from './probe-findings.ts';
import { hasSimulatedGateway, hasSimulatedModel } from './stand-in-hops.ts';

/** The hops that ask the model, from this machine and from inside the gateway's container. */
export const modelHops: Hop[] = [
  {
    hop: 'model',
    title: 'Model server, through the front',
    isOfModel: true,
    isSimulated: hasSimulatedModel,
    reasonToLeaveOut: onPlatform,
    run: async (context, id) => {
      const outcome = await askModelHere(context, id);
      return { ...outcome, findings: await contextFindings(context) };
    },
  },
  {
    hop: 'gateway-to-model',
    title: "Model server, asked from inside the gateway's container",
    isOfModel: true,
    isSimulated: (context) => hasSimulatedModel(context) || hasSimulatedGateway(context),
    reasonToLeaveOut: ({ askFromGateway, site, of }) => {
      const elsewhere = onPlatform({ of });
      if (elsewhere !== undefined || askFromGateway) return elsewhere;
      return site.gateway.kind === 'simulated'
        ? 'the SIMULATED gateway is a process on this machine, so the previous hop covers it'
        : 'the gateway is not a container of this site, so Sealift cannot send requests from inside it';
    },
    run: askModelFromGateway,
  },
];

/** Sealift has no business with a platform on the internet: the gateway alone asks it. */
function onPlatform({ of }: Pick<ProbeContext, 'of'>): string | undefined {
  const platform = cloudOf(of.model);
  return (
    platform && `${of.model.servedName} is at ${platform.title}, which only the gateway asks: not measured from here`
  );
}

const troubledMs = 5000;

/** Asks the model, and explains a failure by what the engine shows of its containers: the front only sees that its server does not answer. */
async function askModelHere(context: ProbeContext, id: string): Promise<HopOutcome> {
  const before = await troubleOf(context);
  const ask = { ...chatAsk(context, context.endpoints.frontUrl, id), signal: context.signal };
  // Behind a container that cannot answer, the front waits for as long as it may.
  const answer = await boundedRequest({ ...ask, ...(before && { timeoutMs: troubledMs }) });
  const outcome = judge(answer, context.now, chatAnswer, chatText);
  if (outcome.ok) return outcome;
  // The request itself may have needed more memory than there was.
  const trouble = before ?? (await troubleOf(context));
  return trouble ? { ...outcome, failure: trouble.failure, error: `${outcome.error}; ${trouble.detail}` } : outcome;
}

async function troubleOf({ modelTrouble, of, signal }: ProbeContext): Promise<ContainerTrouble | undefined> {
  return modelTrouble?.(of).catch((error) => {
    signal.throwIfAborted();
    // What an engine shows that does not answer is unknown, and no reason to lose what the model's server said.
    if (!(error instanceof AppError)) throw error;
    return undefined;
  });
}

/* The question before has loaded the model. */
async function contextFindings({ of, ca, signal }: ProbeContext): Promise<Finding[]> {
  const { engine, endpoint, endpointKey } = of.model;
  if (engine !== 'external' || endpoint === undefined) return [];
  const url = new URL(`${withoutEndSlash(endpoint)}${runningPath}`).href;
  // The front was asked before: what is wrong with the key is known by then.
  const key = endpointKey && (await readUpstreamKey(endpointKey).catch(() => undefined));
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await boundedRequest({ method: 'GET', url, headers, ca, timeoutMs: 5000, signal });
  return answer.kind === 'answer' ? contextFinding(of, answer.text) : [];
}

const words = z.string().nullish();
const chatAnswer = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: words, reasoning: words, reasoning_content: words }),
        finish_reason: words,
      }),
    )
    .min(1)
    .max(64),
});

const maxTokens = 32;

/**
 * The model's words. A model that thinks first may not come to its answer within our few tokens: its content is then null, and the
 * thoughts are the proof (vLLM: Reasoning Outputs; `reasoning_content` up to 0.10). Thoughts that ended by
 * themselves are none: people would get an empty answer.
 */
function chatText({ choices: [first] }: z.infer<typeof chatAnswer>): string {
  const { content, reasoning, reasoning_content } = first?.message ?? {};
  const thoughts = reasoning || reasoning_content;
  if (content || !thoughts || first?.finish_reason !== 'length') return content ?? '';
  return `(reasoning, cut after ${maxTokens} tokens) ${thoughts}`;
}

function chatAsk({ of, frontApiKey }: ProbeContext, baseUrl: string, id: string) {
  return {
    method: 'POST' as const,
    url: `${baseUrl}/chat/completions`,
    headers: { authorization: `Bearer ${frontApiKey}`, 'x-request-id': id },
    json: {
      model: of.model.servedName,
      messages: [{ role: 'user', content: 'Answer with one short greeting.' }],
      max_tokens: maxTokens,
      temperature: 0,
    },
    timeoutMs: 60_000,
  };
}

async function askModelFromGateway(context: ProbeContext, id: string): Promise<HopOutcome | { cannotAsk: string }> {
  const { askFromGateway, endpoints, now, signal } = context;
  try {
    const answer = await askFromGateway?.(chatAsk(context, endpoints.modelEndpoint ?? endpoints.frontUrl, id));
    if (!answer || answer.kind === 'unknown')
      return {
        cannotAsk: `its image has none of the programs that can send a request: ${answer?.tried.join(', ') ?? ''}`,
      };
    if (answer.kind !== 'trouble') return judge(answer, now, chatAnswer, chatText);
    const seen = observe({ kind: 'failure', failure: 'failed', detail: answer.detail, latencyMs: 0 }, now());
    return red(seen, answer.failure, answer.detail);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return { cannotAsk: error.message };
  }
}
