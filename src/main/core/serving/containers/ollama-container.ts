import type { ModelSite } from '../../../../shared/model-sites.ts';
import { containerName, limitsOf, modelNetwork, type PlannedContainer } from '../../engine/planned-container.ts';
import {
  loadTimeoutMs,
  type ModelContainerFacts,
  modelAddress,
  ofModel,
  type PlannedModelServer,
} from './model-container.ts';

const port = 11_434;
/** Where the store's weights are in the container. */
export const ollamaWeights = '/weights';
/** Where the Modelfile is in the container. */
export const ollamaModelfile = '/sealift/Modelfile';

/** What planning Ollama's container needs besides the site file; `modelfile` is the one in the site's folder. */
export interface OllamaFacts extends ModelContainerFacts {
  modelfile: string;
  notes?: string[];
}

/** Returns the part of Ollama's container: `ollama`, or that of its model where the site file has a list of models. */
function ollamaPart({ part = 'ollama' }: ModelSite): string {
  return part;
}

/** Returns the volume in which Ollama keeps its own copy of the weights. */
export function ollamaVolume(site: ModelSite): string {
  return `${containerName(site.name, ollamaPart(site))}-models`;
}

/** Plans Ollama's container, without internet access. It copies the weights from the store, which is mounted read-only. */
export function ollamaContainer(site: ModelSite, facts: OllamaFacts): PlannedModelServer {
  const { model } = site;
  const address = modelAddress(facts);
  const part = ollamaPart(site);
  const container: PlannedContainer = {
    title: `Model server (Ollama)${ofModel(site)}${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    reference: facts.image.reference,
    role: 'ollama',
    secrets: {},
    notes: facts.notes ?? [],
    health: { url: `http://${address}:${port}/api/version` },
    startTimeoutMs: loadTimeoutMs(0),
    spec: {
      site: site.name,
      part,
      name: containerName(site.name, part),
      imageId: facts.image.imageId,
      // Ollama: environment variables of the server.
      env: {
        OLLAMA_HOST: `0.0.0.0:${port}`,
        OLLAMA_CONTEXT_LENGTH: String(model.contextTokens),
        // Ollama multiplies the context and its memory by the requests at a time.
        OLLAMA_NUM_PARALLEL: '1',
        OLLAMA_KEEP_ALIVE: '-1',
        OLLAMA_NOHISTORY: '1',
      },
      secretEnv: [],
      networks: [{ name: modelNetwork(site.name), aliases: [part], address }],
      ports: [],
      mounts: [
        { source: ollamaVolume(site), target: '/root/.ollama', readOnly: false, kind: 'volume' },
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

/** Returns the Modelfile: it names the GGUF in the mounted folder. */
export function modelfileText(ggufName: string, contextTokens: number): string {
  return `FROM ${ollamaWeights}/${ggufName}\nPARAMETER num_ctx ${contextTokens}\n`;
}
