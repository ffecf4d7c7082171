import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { ModelSize } from '../../../../shared/estimate/model-size.ts';
import type { FoundGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { type ModelSite, modelField, modelPart } from '../../../../shared/model-sites.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { loadModelCatalog } from '../../catalog/load-model-catalog.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { gpuAccess, hasAmdDevices } from '../../engine/gpu-access.ts';
import type { SiteMark } from '../../engine/labels.ts';
import { type LocalImage, modelNetwork } from '../../engine/planned-container.ts';
import { networkSubnet } from '../../engine/subnets.ts';
import { fileError } from '../../files/file-error.ts';
import { listFolder } from '../../files/list-folder.ts';
import { refuseWithoutTools } from '../../serving/agent-platform.ts';
import { catalogFlags } from '../../serving/containers/catalog-flags.ts';
import { litellmConfig, litellmContainer, ollamaModelName } from '../../serving/containers/litellm-container.ts';
import type { ModelContainerFacts, PlannedModelServer } from '../../serving/containers/model-container.ts';
import { modelfileText, ollamaContainer, ollamaVolume } from '../../serving/containers/ollama-container.ts';
import { toolParser } from '../../serving/containers/tool-parser.ts';
import { loadVllmCatalog } from '../../serving/containers/vllm-catalog.ts';
import { vllmContainer } from '../../serving/containers/vllm-container.ts';
import { vllmFindings } from '../../serving/containers/vllm-findings.ts';
import { servedSize } from '../../serving/containers/vllm-parallel.ts';
import { hasModelContainer } from '../../sites/container-rules.ts';
import { splitGpus } from '../../sites/gpu-split.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { ModelWeights, StoredModel } from '../../store/find-model.ts';
import { modelFolder } from '../../store/store-paths.ts';
import { readTokenizerTexts } from '../../weights/folder/tokenizer-texts.ts';
import { type ContainerFile, containerFile } from './container-file.ts';
import { findImage } from './find-image.ts';
import { siteParallel } from './kept-parallel.ts';
import type { OllamaModel } from './ollama-model.ts';
import { ollamaNotes } from './ollama-notes.ts';
import { publishOnLoopback } from './publish-on-loopback.ts';
import { requireGpus } from './require-gpus.ts';

/** What planning needs besides the site file. */
export interface ContainerPlanFacts {
  store: string;
  resources: string;
  paths: SitePaths;
  mark: SiteMark;
  /** This machine's GPUs, if they were queried; else the last deployment's decision counts. */
  gpus?: FoundGpus | undefined;
}

/** What planning one model server needs besides. */
interface ModelPlanFacts extends ContainerPlanFacts {
  /** The weights of the model; null for engine external. */
  weights: StoredModel | null;
  /** Of the network of the model servers, and which of them it is. */
  subnet: string;
  place: number;
  /** The GPUs that are its own; undefined for all. */
  numbers: readonly number[] | undefined;
  /** What each model of the site gets, in words. */
  split: string[];
}

/** The containers of a model server and everything they need. */
export interface PlannedModel {
  part: string;
  server: PlannedModelServer;
  images: LocalImage[];
  volumes: string[];
  files: ContainerFile[];
  ollamaModel?: OllamaModel;
  /** How vLLM is spread over GPUs. */
  vllm?: VllmSpread;
  findings?: Finding[];
}

/** How vLLM is spread over GPUs, and what that was decided from. */
export interface VllmSpread {
  parallel: VllmParallel;
  /** Of the model, where its folder has a configuration. */
  size: ModelSize | undefined;
  isRocmImage: boolean;
  /** As `ModelPlanFacts`. */
  numbers: readonly number[] | undefined;
}

/** The model servers of a site in containers, in the order in which they start, and the subnet of their network. */
interface PlannedModels {
  subnet: string;
  servers: PlannedModel[];
}

/**
 * Plans a site's model server containers without changing anything; undefined for a site without any. Throws when an image is missing, no
 * GPU is available, or the machine is known to lack one that a model needs.
 */
export async function planModelServers(
  site: SiteFile,
  models: readonly ModelWeights[],
  engine: Engine,
  facts: ContainerPlanFacts & { takenSubnets: string[] },
): Promise<PlannedModels | undefined> {
  const served = models.filter((one) => hasModelContainer(one.site));
  if (served.length === 0) return undefined;
  const asked = served.find((one) => one.site.model.subnet !== undefined)?.site.model.subnet;
  const subnet = await networkSubnet(
    engine,
    { ...facts.mark, name: modelNetwork(site.name), asked },
    facts.takenSubnets,
  );
  const gpus = splitGpus(site);
  const split = [...gpus].map(([part, own]) => `${part}: ${own.join(', ')}`);
  const servers: PlannedModel[] = [];
  for (const [place, { site: own, weights }] of served.entries()) {
    const numbers = gpus.get(modelPart(own));
    servers.push(await planInside(own, engine, { ...facts, weights, subnet, place, numbers, split }));
  }
  if (engine.bridges !== 'never') return { subnet, servers };
  const published = await publishOnLoopback(
    servers.map((one) => one.server),
    engine,
    facts.mark,
  );
  return { subnet, servers: servers.map((one, at) => ({ ...one, server: published[at] ?? one.server })) };
}

async function planInside(site: ModelSite, engine: Engine, facts: ModelPlanFacts): Promise<PlannedModel> {
  const { model } = site;
  const { weights, subnet, place, numbers } = facts;
  if (!weights) throw new Error(`engine ${model.engine} needs weights from the store`);
  const image = await findImage(engine, facts.store, model.image ?? '');
  const gpuFacts = {
    info: engine.info,
    isPodman: engine.isPodman,
    hasAmdDevices: hasAmdDevices(),
    isRocmImage: image.isRocm,
  };
  const gpu = gpuAccess(model.gpu ?? 'auto', gpuFacts, numbers);
  if (gpu && numbers) requireGpus(site, numbers, { gpus: facts.gpus, kind: gpu.kind, split: facts.split });
  const common: ModelContainerFacts = {
    image,
    subnet,
    place,
    gpu,
    weights: { path: modelFolder(facts.store, model.name), sizeBytes: weights.sizeBytes, sha256: weights.sha256 },
  };
  if (model.engine === 'vllm') return planVllm(site, common, weights, facts);
  const ollama = await planOllama(site, common, weights, facts.paths);
  return model.engine === 'ollama' ? ollama : addLitellm(site, engine, ollama, facts);
}

async function planVllm(
  site: ModelSite,
  common: ModelContainerFacts,
  weights: StoredModel,
  { resources, paths, gpus, numbers }: ModelPlanFacts,
): Promise<PlannedModel> {
  const template = await chatTemplateFile(site.model.vllm?.chatTemplate, paths);
  const catalog = await loadVllmCatalog(resources);
  const size = await servedSize(weights, resources);
  const isRocmImage = common.image.isRocm;
  const parallel = await siteParallel(site, { size, paths, gpus, isRocmImage, numbers });
  const { models } = await loadModelCatalog(resources);
  const asked = catalogFlags(models, site.model, await listFolder(common.weights.path));
  const texts = await readTokenizerTexts(common.weights.path, template?.content);
  const field = modelField(site, 'vllm.toolCallParser');
  const chosen = { parser: toolParser(site.model, { catalog, asked, texts, field }), asked };
  refuseWithoutTools(site, chosen.parser, texts);
  const server = vllmContainer(site, { ...common, ...chosen, chatTemplate: template?.path, parallel });
  const findings = vllmFindings(site, { ...chosen, longest: size?.architecture.contextTokens });
  const files = template ? [template] : [];
  const vllm = { parallel, size, isRocmImage, numbers };
  return { part: modelPart(site), server, images: [common.image], volumes: [], files, vllm, findings };
}

async function planOllama(
  site: ModelSite,
  common: ModelContainerFacts,
  weights: StoredModel,
  paths: SitePaths,
): Promise<PlannedModel> {
  const gguf = relative(common.weights.path, weights.path);
  const text = modelfileText(gguf, site.model.contextTokens);
  const modelfile = containerFile(paths, 'Modelfile for Ollama', 'Modelfile', text);
  const notes = await ollamaNotes(weights.path, site);
  const name = site.model.engine === 'ollama' ? site.model.servedName : ollamaModelName(site.model.servedName);
  return {
    part: modelPart(site),
    server: ollamaContainer(site, { ...common, modelfile: modelfile.path, notes }),
    images: [common.image],
    volumes: [ollamaVolume(site)],
    files: [modelfile],
    ollamaModel: { name, ggufSha256: weights.sha256, sizeBytes: weights.sizeBytes },
  };
}

async function addLitellm(
  site: ModelSite,
  engine: Engine,
  ollama: PlannedModel,
  { store, paths, subnet }: ModelPlanFacts,
): Promise<PlannedModel> {
  const image = await findImage(engine, store, site.model.litellmImage ?? '');
  const config = containerFile(paths, 'LiteLLM settings', 'litellm.yaml', litellmConfig(site.model.servedName));
  const litellm = litellmContainer(site, { image, subnet, config: config.path });
  return {
    ...ollama,
    server: { ...litellm, containers: [...ollama.server.containers, ...litellm.containers] },
    images: [...ollama.images, image],
    files: [...ollama.files, config],
  };
}

async function chatTemplateFile(path: string | undefined, paths: SitePaths): Promise<ContainerFile | undefined> {
  if (!path) return undefined;
  const content = await readFile(path, 'utf8').catch((error) => {
    throw fileError(path, 'read', error, 'The chat template');
  });
  const limitBytes = 256 * 1024;
  if (content.length > limitBytes) throw appError('file.too-large', { path, limitBytes, sizeBytes: content.length });
  return containerFile(paths, 'Copy of the chat template', 'chat-template.jinja', content);
}
