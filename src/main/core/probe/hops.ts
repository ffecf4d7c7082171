import { z } from 'zod';
import { connectionCheck, modelsQuery } from '../gitlab/graphql-documents.ts';
import { type GraphqlAnswer, postGraphql } from '../gitlab/post-graphql.ts';
import { secretFiles } from '../site/site-paths.ts';
import { gatewayTokenHeaders } from './gateway-token.ts';
import { grpcHop } from './grpc-hop.ts';
import type { Hop, ProbeContext } from './hop.ts';
import { askJson } from './judge-answer.ts';
import { modelHops } from './model-hops.ts';
import { type HopOutcome, jsonOf, observe, red } from './observation.ts';
import { hasSimulatedGateway, hasStandIn } from './stand-in-hops.ts';

/** The hops in the order in which they are asked: each proves what the next one builds on. */
export const hops: Hop[] = [
  ...modelHops,
  {
    hop: 'gateway-health',
    title: 'AI Gateway, asked whether it is up',
    isSimulated: hasSimulatedGateway,
    run: ({ endpoints, signal, now }, id) =>
      askJson(
        {
          method: 'GET',
          url: `${endpoints.gatewayUrl}/monitoring/healthz`,
          headers: { 'x-request-id': id },
          timeoutMs: 10_000,
          signal,
        },
        now,
        z.record(z.string(), z.unknown()),
        (body) => JSON.stringify(body),
      ),
  },
  grpcHop,
  {
    hop: 'gateway-prompt-check',
    title: 'AI Gateway asks the model, with a token of ours',
    isSimulated: hasSimulatedGateway,
    reasonToLeaveOut: ({ gatewaySigningKey }) =>
      gatewaySigningKey
        ? undefined
        : `this site does not hold the gateway's signing key (secrets/${secretFiles.gatewaySigning})`,
    run: checkPrompt,
  },
  {
    hop: 'gitlab-connection-check',
    title: 'GitLab checks its model through the gateway',
    isSimulated: hasStandIn,
    run: checkConnection,
  },
  {
    hop: 'gitlab-completion',
    title: 'Code suggestion through GitLab',
    isSimulated: hasStandIn,
    reasonToLeaveOut: ({ site }) => (intentOf(site.features) ? undefined : 'the site assigns no code feature'),
    run: ({ endpoints, gitlabToken, site, signal, now }, id) =>
      askJson(
        {
          method: 'POST',
          url: `${endpoints.gitlabUrl}/api/v4/code_suggestions/completions`,
          headers: { authorization: `Bearer ${gitlabToken}`, 'x-request-id': id },
          json: {
            current_file: {
              file_name: 'probe.py',
              content_above_cursor: '# Returns a greeting.\ndef greeting():\n    return ',
              content_below_cursor: '\n',
            },
            intent: intentOf(site.features),
          },
          timeoutMs: 60_000,
          signal,
        },
        now,
        z.object({ choices: z.array(z.object({ text: z.string() })).max(64) }),
        (body) => body.choices[0]?.text ?? '',
      ),
  },
];

function intentOf(features: string[]): 'completion' | 'generation' | undefined {
  if (features.includes('CODE_COMPLETIONS')) return 'completion';
  return features.includes('CODE_GENERATIONS') ? 'generation' : undefined;
}

async function checkPrompt(context: ProbeContext, id: string): Promise<HopOutcome> {
  const { endpoints, site, frontApiKey, gatewaySigningKey = '', signal, now } = context;
  const token = await gatewayTokenHeaders(gatewaySigningKey, now()).catch(() => undefined);
  if (!token) return keyDamaged(now());
  return askJson(
    {
      method: 'POST',
      url: `${endpoints.gatewayUrl}/v1/prompts/model_configuration%2Fcheck`,
      headers: { ...token, 'x-request-id': id },
      json: {
        inputs: {},
        prompt_version: '^1.0.0',
        stream: false,
        model_metadata: {
          provider: 'openai',
          name: site.model.family.toLowerCase(),
          endpoint: endpoints.modelEndpoint,
          api_key: frontApiKey,
          identifier: endpoints.identifier,
        },
      },
      // The real gateway tries a dead model again for 45 s.
      timeoutMs: 60_000,
      signal,
    },
    now,
    z.string(),
    (text) => text,
  );
}

function keyDamaged(now: Date): HopOutcome {
  const error = `not asked: secrets/${secretFiles.gatewaySigning} of this site holds no RSA key that could sign a token`;
  return red(observe({ kind: 'failure', failure: 'failed', detail: error, latencyMs: 0 }, now), 'key-damaged', error);
}

async function checkConnection(context: ProbeContext, id: string): Promise<HopOutcome> {
  const { endpoints, gitlabToken, frontApiKey, signal, now } = context;
  const target = { url: endpoints.gitlabUrl, token: gitlabToken, signal };
  // GitLab's stored model is checked, not the one of the site file: what people use must work.
  const listed = await postGraphql(target, modelsQuery, {}, { correlationId: id });
  if (!listed.data) return graphqlRed(listed, now());
  const model = listed.data.aiSelfHostedModels?.nodes.find((one) => one.name === endpoints.modelName);
  if (!model) return red(observe(listed.http, now()), 'not-configured', `GitLab has no model ${endpoints.modelName}`);
  const variables = connectionCheck.variables.safeParse({
    input: {
      name: model.name,
      model: model.model.toUpperCase(),
      endpoint: model.endpoint,
      ...(model.identifier && { identifier: model.identifier }),
      apiToken: model.apiToken || frontApiKey,
    },
  });
  if (!variables.success)
    return red(
      observe(listed.http, now()),
      'not-configured',
      `GitLab holds the model with the unknown family ${model.model}`,
    );
  const checked = await postGraphql(target, connectionCheck, variables.data, { correlationId: id, timeoutMs: 30_000 });
  if (!checked.data) return graphqlRed(checked, now());
  const seen = observe(checked.http, now());
  const { result, errors } = checked.data.aiSelfHostedModelConnectionCheck;
  if (result?.success) return { ok: true, seen, answer: result.message ?? 'The connection works.' };
  const lines = [...errors, ...(result?.errors ?? []), ...(result?.message ? [result.message] : [])];
  return red(seen, 'said-no', [...new Set(lines)].join('; ') || 'GitLab says that the check failed, without a reason');
}

function graphqlRed({ http, problem }: GraphqlAnswer<unknown>, now: Date): HopOutcome {
  const seen = observe(http, now);
  const read = jsonOf(http, seen);
  if ('outcome' in read) return read.outcome;
  const lines = problem?.lines.join('; ') ?? '';
  if (problem?.kind === 'graphql') return red(seen, 'graphql-error', lines);
  return red(seen, 'unexpected-shape', `the answer is not that of GitLab's GraphQL: ${lines}`);
}
