import { stringify } from 'yaml';
import type { ModelSite } from '../../../../shared/model-sites.ts';
import { containerName, type LocalImage, modelNetwork } from '../../engine/planned-container.ts';
import { litellmAddress, loadTimeoutMs, type PlannedModelServer } from './model-container.ts';

const port = 4000;
const configPath = '/sealift/litellm.yaml';

/** Ollama's model names on GitLab's page for 17.3 and 17.4, by the names that the gateway requests. */
const pageNames = new Map([
  ['mistral', 'mistral:latest'],
  ['mixtral', 'mixtral:latest'],
  ['codegemma', 'codegemma'],
  ['codestral', 'codestral'],
  ['codellama', 'codellama:13b'],
  ['codellama_13b_code', 'codellama:code'],
  ['deepseekcoder', 'deepseekcoder'],
  ['mixtral_8x22b', 'mixtral:8x22b'],
  ['codegemma_2b', 'codegemma:2b'],
  ['codegemma_7b', 'codegemma:code'],
]);

/** What planning LiteLLM's container needs besides the site file; `config` is the file in the site's folder. */
export interface LitellmFacts {
  image: LocalImage;
  subnet: string;
  config: string;
}

/**
 * Plans LiteLLM in front of Ollama, as GitLab described it for 17.3 and 17.4; on the model's network, without internet access.
 */
export function litellmContainer(site: ModelSite, facts: LitellmFacts): PlannedModelServer {
  const address = litellmAddress(facts.subnet);
  const container = {
    title: `LiteLLM${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    reference: facts.image.reference,
    role: 'litellm' as const,
    secrets: {},
    health: { url: `http://${address}:${port}/health/liveliness` },
    startTimeoutMs: loadTimeoutMs(0),
    spec: {
      site: site.name,
      part: 'litellm',
      name: containerName(site.name, 'litellm'),
      imageId: facts.image.imageId,
      command: ['--config', configPath, '--host', '0.0.0.0', '--port', String(port)],
      env: litellmEnv(ollamaBase),
      secretEnv: [],
      networks: [{ name: modelNetwork(site.name), aliases: ['litellm'], address }],
      ports: [],
      mounts: [{ source: facts.config, target: configPath, readOnly: true, kind: 'bind' as const }],
      holds: [],
      tmpfs: [],
      extraHosts: [],
      readOnlyRoot: false,
      dropCapabilities: true,
      simulated: facts.image.simulated,
    },
  };
  return { containers: [container], upstreamUrl: `http://${address}:${port}/v1` };
}

const ollamaBase = 'http://ollama:11434';

/** Returns LiteLLM's variables, for an Ollama at this address. */
export function litellmEnv(ollamaUrl: string): Record<string, string> {
  // Without the first it fetches a price list; without the second it once used loopback although the file names another host.
  return { LITELLM_LOCAL_MODEL_COST_MAP: 'True', OLLAMA_API_BASE: ollamaUrl };
}

/** Returns the name of a served model in Ollama: the one on GitLab's page if there is one. */
export function ollamaModelName(servedName: string): string {
  return pageNames.get(servedName) ?? servedName;
}

/** Returns LiteLLM's `config.yaml`: one model, with the name that the gateway requests. */
export function litellmConfig(servedName: string): string {
  const litellm_params = { model: `ollama/${ollamaModelName(servedName)}`, api_base: ollamaBase };
  // The gateway asks again itself: LiteLLM's own two retries would triple what a busy Ollama gets.
  const router_settings = { num_retries: 0 };
  return stringify({ model_list: [{ model_name: servedName, litellm_params }], router_settings });
}
