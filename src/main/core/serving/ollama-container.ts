import type { SiteFile } from '../../../shared/site-file.ts';
import { containerName, limitsOf, modelNetwork, type PlannedContainer } from '../engine/planned-container.ts';
import { loadTimeoutMs, type ModelContainerFacts, modelAddress, type PlannedModelServer } from './model-container.ts';

const port = 11_434;
/** Where the weights of the store lie in the container. */
export const ollamaWeights = '/weights';
/** Where the file lies from which Ollama makes its model. */
export const ollamaModelfile = '/sealift/Modelfile';

/** What Ollama's container is made of beside the site file; `modelfile` is the one in the site's folder. */
export interface OllamaFacts extends ModelContainerFacts {
  modelfile: string;
}

/** The volume in which Ollama keeps its own copy of the weights. */
export function ollamaVolume(site: string): string {
  return `${containerName(site, 'ollama')}-models`;
}

/** Ollama in a container without a way out. It makes its own copy of the weights, from the store mounted read-only. */
export function ollamaContainer(site: SiteFile, facts: OllamaFacts): PlannedModelServer {
  const { model } = site;
  const address = modelAddress(facts.subnet);
  const container: PlannedContainer = {
    title: `Model server (Ollama)${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    reference: facts.image.reference,
    secrets: {},
    health: { url: `http://${address}:${port}/api/version` },
    startTimeoutMs: loadTimeoutMs(0),
    spec: {
      site: site.name,
      part: 'ollama',
      name: containerName(site.name, 'ollama'),
      imageId: facts.image.imageId,
      // Ollama: environment variables of the server.
      env: {
        OLLAMA_HOST: `0.0.0.0:${port}`,
        OLLAMA_CONTEXT_LENGTH: String(model.contextTokens),
        OLLAMA_KEEP_ALIVE: '-1',
        OLLAMA_NOHISTORY: '1',
      },
      secretEnv: [],
      networks: [{ name: modelNetwork(site.name), aliases: ['ollama'], address }],
      ports: [],
      mounts: [
        { source: ollamaVolume(site.name), target: '/root/.ollama', readOnly: false, kind: 'volume' },
        { source: facts.weights.path, target: ollamaWeights, readOnly: true, kind: 'bind' },
        { source: facts.modelfile, target: ollamaModelfile, readOnly: true, kind: 'bind' },
      ],
      holds: [facts.weights.sha256],
      tmpfs: [],
      extraHosts: [],
      ...limitsOf(model),
      ...(facts.gpu && { gpu: facts.gpu }),
      readOnlyRoot: false,
      dropCapabilities: true,
      simulated: facts.image.simulated,
    },
  };
  return { containers: [container], upstreamUrl: `http://${address}:${port}/v1` };
}

/** The file from which Ollama makes its model: the GGUF of the store, by its name in the mounted folder. */
export function modelfileText(ggufName: string, contextTokens: number): string {
  return `FROM ${ollamaWeights}/${ggufName}\nPARAMETER num_ctx ${contextTokens}\n`;
}
