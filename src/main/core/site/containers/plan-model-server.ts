import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { ModelSize } from '../../../../shared/estimate/model-size.ts';
import type { FoundGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { ModelSite } from '../../../../shared/model-sites.ts';
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
import type { SitePaths } from '../../sites/site-paths.ts';
import type { StoredModel } from '../../store/find-model.ts';
import { modelFolder } from '../../store/store-paths.ts';
import { readTokenizerTexts } from '../../weights/folder/tokenizer-texts.ts';
import { type ContainerFile, containerFile } from './container-file.ts';
import { findImage } from './find-image.ts';
import { siteParallel } from './kept-parallel.ts';
import type { OllamaModel } from './ollama-model.ts';
import { ollamaNotes } from './ollama-notes.ts';
import { publishOnLoopback } from './publish-on-loopback.ts';

/** What planning needs besides the site file. */
export interface ContainerPlanFacts {
  store: string;
  resources: string;
  paths: SitePaths;
  mark: SiteMark;
  /** The weights of the site's model; null for engine external. */
  weights: StoredModel | null;
  /** This machine's GPUs, if they were queried; else the last deployment's decision counts. */
  gpus?: FoundGpus | undefined;
  /** Subnets that other networks of this plan take. */
  takenSubnets: string[];
}

/** The containers of a model server and everything they need. */
export interface PlannedModel {
  server: PlannedModelServer;
  images: LocalImage[];
  subnet: string;
  volumes: string[];
  files: ContainerFile[];
  ollamaModel?: OllamaModel;
  /** How vLLM is spread over GPUs. */
  parallel?: VllmParallel;
  /** Of vLLM's model, where its folder has a configuration. */
  size?: ModelSize | undefined;
  findings?: Finding[];
}

/** Plans a site's model server containers without changing anything. Throws when an image is missing or no GPU is available. */
export async function planModelServer(
  site: ModelSite,
  engine: Engine,
  facts: ContainerPlanFacts,
): Promise<PlannedModel> {
  const planned = await planInside(site, engine, facts);
  if (engine.bridges !== 'never') return planned;
  return { ...planned, server: await publishOnLoopback(planned.server, engine, facts.mark) };
}

async function planInside(site: ModelSite, engine: Engine, facts: ContainerPlanFacts): Promise<PlannedModel> {
  const { model } = site;
  const { weights } = facts;
  if (!weights) throw new Error(`engine ${model.engine} needs weights from the store`);
  const image = await findImage(engine, facts.store, model.image ?? '');
  const network = { ...facts.mark, name: modelNetwork(site.name), asked: model.subnet };
  const subnet = await networkSubnet(engine, network, facts.takenSubnets);
  const gpuFacts = {
    info: engine.info,
    isPodman: engine.isPodman,
    hasAmdDevices: hasAmdDevices(),
    isRocmImage: image.isRocm,
  };
  const common: ModelContainerFacts = {
    image,
    subnet,
    gpu: gpuAccess(model.gpu ?? 'auto', gpuFacts),
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
  { resources, paths, gpus }: ContainerPlanFacts,
): Promise<PlannedModel> {
  const template = await chatTemplateFile(site.model.vllm?.chatTemplate, paths);
  const catalog = await loadVllmCatalog(resources);
  const size = await servedSize(weights, resources);
  const parallel = await siteParallel(site, { size, paths, gpus, isRocmImage: common.image.isRocm });
  const { models } = await loadModelCatalog(resources);
  const asked = catalogFlags(models, site.model, await listFolder(common.weights.path));
  const texts = await readTokenizerTexts(common.weights.path, template?.content);
  const chosen = { parser: toolParser(site.model, { catalog, asked, texts }), asked };
  refuseWithoutTools(site, chosen.parser, texts);
  const server = vllmContainer(site, { ...common, ...chosen, chatTemplate: template?.path, parallel });
  const findings = vllmFindings(site, { ...chosen, longest: size?.architecture.contextTokens });
  const files = template ? [template] : [];
  return { server, images: [common.image], subnet: common.subnet, volumes: [], files, parallel, size, findings };
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
  const notes = await ollamaNotes(weights.path, site.model);
  const name = site.model.engine === 'ollama' ? site.model.servedName : ollamaModelName(site.model.servedName);
  return {
    server: ollamaContainer(site, { ...common, modelfile: modelfile.path, notes }),
    images: [common.image],
    subnet: common.subnet,
    volumes: [ollamaVolume(site.name)],
    files: [modelfile],
    ollamaModel: { name, ggufSha256: weights.sha256, sizeBytes: weights.sizeBytes },
  };
}

async function addLitellm(
  site: ModelSite,
  engine: Engine,
  ollama: PlannedModel,
  { store, paths }: ContainerPlanFacts,
): Promise<PlannedModel> {
  const image = await findImage(engine, store, site.model.litellmImage ?? '');
  const config = containerFile(paths, 'LiteLLM settings', 'litellm.yaml', litellmConfig(site.model.servedName));
  const litellm = litellmContainer(site, { image, subnet: ollama.subnet, config: config.path });
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
