import type { VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { type ModelSite, modelPart } from '../../../../shared/model-sites.ts';
import type { SiteModel } from '../../../../shared/site-file.ts';
import { vllmArgumentNames } from '../../../../shared/vllm-options.ts';
import { containerName, limitsOf, modelNetwork } from '../../engine/planned-container.ts';
import type { CatalogFlags } from './catalog-flags.ts';
import {
  loadTimeoutMs,
  type ModelContainerFacts,
  modelAddress,
  ofModel,
  type PlannedModelServer,
} from './model-container.ts';
import type { ChosenParser } from './tool-parser.ts';

/** Where vLLM listens, finds the weights, and finds a template of its own, in whatever runs its image. */
export const vllmPlaces = { port: 8000, weights: '/model', template: '/sealift/chat-template.jinja' };
/** Its environment: every feature that contacts the internet is off (vLLM: environment variables; Hugging Face Hub: offline mode). */
export const vllmEnvironment = {
  HF_HUB_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  VLLM_NO_USAGE_STATS: '1',
  DO_NOT_TRACK: '1',
};
/** Its processes for several GPUs communicate through shared memory, so that the usual 64 MB are too few. */
export function sharedMemoryBytes(gpus: number): number {
  return Math.max(2, gpus) * shmBytesPerGpu;
}
const { port, weights: weightsPath, template: templatePath } = vllmPlaces;
/* Arguments that only the catalogue sets. */
const askedOnly = ['--config-format', '--load-format', '--chat-template-content-format', '--reasoning-parser'];
const shmBytesPerGpu = 4 * 1024 ** 3;

/** What planning vLLM's container needs besides the site file; `chatTemplate` is the copy in the site's folder. */
export interface VllmFacts extends ModelContainerFacts {
  parser: ChosenParser;
  asked?: CatalogFlags | undefined;
  chatTemplate?: string | undefined;
  parallel: VllmParallel;
}

/** Plans vLLM's container: no internet access, weights read-only, and every feature that contacts the internet turned off. */
export function vllmContainer(site: ModelSite, facts: VllmFacts): PlannedModelServer {
  const { model } = site;
  const address = modelAddress(facts);
  const { parallel } = facts;
  const gpus = parallel.tensorParallel * parallel.pipelineParallel;
  const part = modelPart(site);
  const spec = {
    site: site.name,
    part,
    name: containerName(site.name, part),
    imageId: facts.image.imageId,
    command: vllmArguments(site, facts),
    env: vllmEnvironment,
    secretEnv: [],
    networks: [{ name: modelNetwork(site.name), aliases: [part], address }],
    ports: [],
    mounts: [
      { source: facts.weights.path, target: weightsPath, readOnly: true, kind: 'bind' as const },
      ...(facts.chatTemplate
        ? [{ source: facts.chatTemplate, target: templatePath, readOnly: true, kind: 'bind' as const }]
        : []),
    ],
    holds: [facts.weights.sha256],
    tmpfs: [],
    extraHosts: [],
    ...limitsOf(model),
    shmBytes: sharedMemoryBytes(gpus),
    ...(facts.gpu && { gpu: facts.gpu }),
    readOnlyRoot: false,
    dropCapabilities: true,
    simulated: facts.image.simulated,
  };
  const container = {
    title: `Model server (vLLM)${ofModel(site)}${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    reference: facts.image.reference,
    role: 'model' as const,
    spec,
    secrets: {},
    notes: [...spreadNotes(parallel), ...askedNotes(facts.asked)],
    health: { url: `http://${address}:${port}/health` },
    startTimeoutMs: loadTimeoutMs(facts.weights.sizeBytes),
  };
  return { containers: [container], upstreamUrl: `http://${address}:${port}/v1` };
}

/**
 * Returns the arguments of `vllm serve`: from the site file, else from the catalogue. The served name has no prefix; GitLab's
 * identifier puts `custom_openai/` before it.
 */
export function vllmArguments(
  { model }: ModelSite,
  facts: Pick<VllmFacts, 'parser' | 'asked' | 'chatTemplate' | 'parallel'>,
): string[] {
  const own = model.vllm ?? {};
  const { tensorParallel, pipelineParallel } = facts.parallel;
  const asked = (name: string) => facts.asked?.given.get(name);
  const { name: parser } = facts.parser;
  const optional: [string, string | number | undefined][] = [
    ['--pipeline-parallel-size', pipelineParallel > 1 ? pipelineParallel : own.pipelineParallel],
    ...plainOptions(own, asked),
    ...askedOnly.map((name): [string, string | undefined] => [name, asked(name)]),
    ['--chat-template', facts.chatTemplate && templatePath],
  ];
  return [
    ...['--model', weightsPath, '--served-model-name', model.servedName],
    ...['--host', '0.0.0.0', '--port', String(port)],
    ...['--max-model-len', String(model.contextTokens), '--tensor-parallel-size', String(tensorParallel)],
    ...optional.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [name, String(value)])),
    ...(parser ? ['--enable-auto-tool-choice', '--tool-call-parser', parser] : []),
    ...(own.trustRemoteCode ? ['--trust-remote-code'] : []),
  ];
}

/** The options that vLLM gets with their value in the site file, else in the catalogue. */
function plainOptions(
  own: NonNullable<SiteModel['vllm']>,
  asked: (name: string) => string | undefined,
): [string, string | number | undefined][] {
  return Object.entries(vllmArgumentNames).flatMap(([option, name]) => {
    if (name === null) return [];
    const value = (own as Record<string, string | number | undefined>)[option];
    return [[name, value ?? asked(name)] as [string, string | number | undefined]];
  });
}

function spreadNotes({ tensorParallel, pipelineParallel, why }: VllmParallel): string[] {
  const spread = pipelineParallel > 1 ? `, pipeline parallel ${pipelineParallel}` : '';
  return [`tensor parallel ${tensorParallel}${spread} (${why.join(' ')})`];
}

function askedNotes(asked: CatalogFlags | undefined): string[] {
  if (!asked?.isKnown) return [];
  const words = [...asked.given].map(([name, value]) => `${name} ${value}`.trim());
  return [`from the catalogue for ${asked.id}: ${words.join(' ') || 'no arguments'}`];
}
