import { z } from 'zod';
import { cloudOf } from '../../../shared/cloud-platforms.ts';
import { connectionCheck, metadataQuery, modelsQuery } from '../gitlab/graphql-documents.ts';
import { type GraphqlAnswer, postGraphql } from '../gitlab/post-graphql.ts';
import { modelNames, storedEndpoint } from '../sites/site-endpoints.ts';
import { secretFiles } from '../sites/site-paths.ts';
import { checkHealth } from './gateway-health.ts';
import { gatewayTokenHeaders } from './gateway-token.ts';
import { grpcHop } from './grpc-hop.ts';
import type { Hop, ProbeContext } from './hop.ts';
import { askJson } from './judge-answer.ts';
import { modelHops } from './model-hops.ts';
import { type HopOutcome, jsonOf, observe, red } from './observation.ts';
import { versionFinding } from './probe-findings.ts';
import { hasSimulatedGateway, hasStandIn } from './stand-in-hops.ts';

/** The hops in the order of the probe: each verifies what the next one builds on. */
export const hops: Hop[] = [
  ...modelHops,
  {
    hop: 'gateway-health',
    title: 'AI Gateway health check',
    isSimulated: hasSimulatedGateway,
    run: checkHealth,
  },
  grpcHop,
  {
    hop: 'gateway-prompt-check',
    title: 'AI Gateway to model server, with a Sealift token',
    isOfModel: true,
    isSimulated: hasSimulatedGateway,
    reasonToLeaveOut: (context) => {
      const { gatewaySigningKey, endpoints, site, of } = context;
      if (!gatewaySigningKey)
        return `this site does not have the gateway's signing key (secrets/${secretFiles.gatewaySigning})`;
      const unread = unreadKey(context);
      if (unread !== undefined) return unread;
      return storedEndpoint(of, endpoints) === undefined
        ? `front.host is ${site.front.host}, so the address that the gateway should use is unknown: set it to an address of this machine`
        : undefined;
    },
    run: checkPrompt,
  },
  {
    hop: 'gitlab-connection-check',
    title: 'GitLab to model, through the AI Gateway',
    isOfModel: true,
    isSimulated: hasStandIn,
    reasonToLeaveOut: withoutToken,
    run: checkConnection,
  },
  {
    hop: 'gitlab-completion',
    title: 'Code suggestion through GitLab',
    isSimulated: hasStandIn,
    reasonToLeaveOut: (context) =>
      intentOf(context.site.features) ? withoutToken(context) : 'the site uses no code feature',
    run: ({ endpoints, gitlabToken, site, ca, signal, now }, id) =>
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
          ca,
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

function withoutToken({ gitlabToken }: ProbeContext): string | undefined {
  return gitlabToken
    ? undefined
    : 'it needs a GitLab admin token: pass it with --token-file FILE, or set SEALIFT_GITLAB_TOKEN';
}

/** An existing gateway has keys of its own, unless somebody gave it this site's: that it rejects our token says nothing. */
async function checkPrompt(context: ProbeContext, id: string): Promise<HopOutcome | { cannotAsk: string }> {
  const outcome = await askWithOwnToken(context, id);
  if (outcome.ok || outcome.seen.status !== 401 || context.site.gateway.kind !== 'existing') return outcome;
  return {
    cannotAsk: `the existing gateway rejects a token that is signed with this site's key, probably because it has keys of its own. To check this hop, put its AIGW_SELF_SIGNED_JWT__SIGNING_KEY into secrets/${secretFiles.gatewaySigning} of the site and probe again`,
  };
}

async function askWithOwnToken(context: ProbeContext, id: string): Promise<HopOutcome> {
  const { endpoints, of, gatewaySigningKey = '', ca, signal, now } = context;
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
          name: of.model.family.toLowerCase(),
          endpoint: storedEndpoint(of, endpoints),
          api_key: keyOf(context),
          identifier: modelNames(of).identifier,
        },
      },
      // The real gateway retries a dead model for 45 s.
      timeoutMs: 60_000,
      ca,
      signal,
    },
    now,
    z.string(),
    (text) => text,
  );
}

/** The key that GitLab has for the model: the front's, or that of a platform, if it takes one from GitLab. */
function keyOf({ of, frontApiKey, platformKeys }: ProbeContext): string {
  return cloudOf(of.model) ? (platformKeys?.[of.model.servedName] ?? '') : frontApiKey;
}

/** Says that the site file names a key for the model's platform that cannot be read here. */
function unreadKey({ of: { model }, platformKeys }: ProbeContext): string | undefined {
  const platform = cloudOf(model);
  if (!platform || !model.endpointKey || platformKeys?.[model.servedName] !== undefined) return undefined;
  const { endpointKey: key } = model;
  const where = 'file' in key ? `the file ${key.file}` : `the variable ${key.variable}`;
  return `the key of ${model.servedName} for ${platform.title} cannot be read here (${where})`;
}

function keyDamaged(now: Date): HopOutcome {
  const error = `not sent: secrets/${secretFiles.gatewaySigning} of this site contains no RSA key to sign a token`;
  return red(observe({ kind: 'failure', failure: 'failed', detail: error, latencyMs: 0 }, now), 'key-damaged', error);
}

async function checkConnection(context: ProbeContext, id: string): Promise<HopOutcome | { cannotAsk: string }> {
  const { endpoints, gitlabToken = '', ca, signal, site } = context;
  const target = { url: endpoints.gitlabUrl, token: gitlabToken, ca, signal };
  const [{ data }, outcome] = await Promise.all([
    postGraphql(target, metadataQuery, {}, { correlationId: id }),
    checkStoredModel(context, id),
  ]);
  if ('cannotAsk' in outcome) return outcome;
  return { ...outcome, findings: data ? versionFinding(site, data.metadata.version) : [] };
}

async function checkStoredModel(context: ProbeContext, id: string): Promise<HopOutcome | { cannotAsk: string }> {
  const { endpoints, of, gitlabToken = '', ca, signal, now } = context;
  const { modelName } = modelNames(of);
  const target = { url: endpoints.gitlabUrl, token: gitlabToken, ca, signal };
  // Checks the model stored in GitLab, not the one in the site file: people use the stored one.
  const listed = await postGraphql(target, modelsQuery, {}, { correlationId: id });
  if (!listed.data) return graphqlRed(listed, now());
  const model = listed.data.aiSelfHostedModels?.nodes.find((one) => one.name === modelName);
  if (!model) return red(observe(listed.http, now()), 'not-configured', `GitLab has no model ${modelName}`);
  const unread = model.apiToken ? undefined : unreadKey(context);
  if (unread !== undefined) return { cannotAsk: unread };
  const variables = connectionCheck.variables.safeParse({
    input: {
      name: model.name,
      model: model.model.toUpperCase(),
      endpoint: model.endpoint,
      ...(model.identifier && { identifier: model.identifier }),
      apiToken: model.apiToken || keyOf(context),
    },
  });
  if (!variables.success)
    return red(
      observe(listed.http, now()),
      'not-configured',
      `GitLab has the model with the unknown family ${model.model}`,
    );
  const checked = await postGraphql(target, connectionCheck, variables.data, { correlationId: id, timeoutMs: 30_000 });
  if (!checked.data) return graphqlRed(checked, now());
  const seen = observe(checked.http, now());
  const { result, errors } = checked.data.aiSelfHostedModelConnectionCheck;
  if (result?.success) return { ok: true, seen, answer: result.message ?? 'The connection works.' };
  const stored = otherEndpoint(model.endpoint, storedEndpoint(of, endpoints));
  const lines = [...errors, ...(result?.errors ?? []), ...(result?.message ? [result.message] : []), ...stored];
  return red(
    seen,
    'said-no',
    [...new Set(lines)].join('; ') || 'GitLab reports that the check failed, without a reason',
  );
}

/* Where the site's is unknown, the stored one may still explain the failure. */
function otherEndpoint(stored: string, own: string | undefined): string[] {
  if (own === undefined) return [`the check used the endpoint ${stored}`];
  return stored === own ? [] : [`GitLab stores the endpoint ${stored}, the site's is ${own}`];
}

function graphqlRed({ http, problem }: GraphqlAnswer<unknown>, now: Date): HopOutcome {
  const seen = observe(http, now);
  const read = jsonOf(http, seen);
  if ('outcome' in read) return read.outcome;
  const lines = problem?.lines.join('; ') ?? '';
  if (problem?.kind === 'graphql') return red(seen, 'graphql-error', lines);
  return red(seen, 'unexpected-shape', `the answer does not match GitLab's GraphQL API: ${lines}`);
}
