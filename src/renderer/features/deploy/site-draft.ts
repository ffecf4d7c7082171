import type { WizardState } from '../../../shared/contract/wizard.ts';
import type { SiteFile, SiteModel } from '../../../shared/site-file.ts';

/** The values of the form: texts and numbers as typed. */
export interface SiteDraft {
  name: string;
  gitlabUrl: string;
  gitlabVersion: string;
  installation: SiteFile['gitlab']['installation'];
  simulated: boolean;
  gatewayKind: SiteFile['gateway']['kind'];
  gatewayImage: string;
  gatewayHost: string;
  httpPort: number | string;
  grpcPort: number | string;
  engine: SiteModel['engine'];
  modelName: string;
  /** Of a model with several GGUF files: the one to serve. Empty: the one that its bundle names. */
  serve: string;
  endpoint: string;
  /** A file with the key of the server at `endpoint`, or the name of a variable. Empty: it requires none. */
  endpointKey: string;
  modelImage: string;
  litellmImage: string;
  servedName: string;
  family: string;
  contextTokens: number | string;
  threads: number | string;
  /** Empty: as the core works it out. */
  slots: number | string;
  features: string[];
  frontHost: string;
  frontPort: number | string;
}

/** Returns the initial values of the form: the current site, or what was answered and imported so far. */
export function draftOf({ site, answers, store, addresses }: WizardState): SiteDraft {
  const content = site?.content;
  const model = content?.model;
  const chosen = store.models.find((one) => one.name === answers.modelId);
  const name = model?.name ?? chosen?.name ?? store.models[0]?.name ?? '';
  const stored = store.models.find((one) => one.name === name);
  const engine = model?.engine ?? (stored?.ggufs.length === 0 ? 'vllm' : 'llamacpp');
  const imageLike = (kind: RegExp) => store.images.find((one) => kind.test(one.reference))?.reference ?? '';
  return {
    name: content?.name ?? '',
    gitlabUrl: content?.gitlab.url ?? '',
    gitlabVersion: content?.gitlab.version ?? answers.gitlabVersion ?? '',
    installation: content?.gitlab.installation ?? 'linux-package',
    simulated: content?.gitlab.simulated ?? false,
    gatewayKind: content?.gateway.kind ?? 'container',
    gatewayImage: content?.gateway.image ?? imageLike(/gateway/),
    gatewayHost: content?.gateway.host ?? addresses[0] ?? '',
    httpPort: content?.gateway.httpPort ?? 5052,
    grpcPort: content?.gateway.grpcPort ?? 50_052,
    engine,
    modelName: name,
    serve: model?.serve ?? '',
    endpoint: model?.endpoint ?? '',
    endpointKey: keyText(model?.endpointKey),
    modelImage: model?.image ?? (usesImage(engine) ? imageLike(engine === 'vllm' ? /vllm/ : /ollama/) : ''),
    litellmImage: model?.litellmImage ?? imageLike(/litellm/),
    servedName: model?.servedName ?? name,
    family: model?.family ?? 'GENERAL',
    contextTokens: model?.contextTokens ?? answers.contextTokens ?? 4096,
    threads: model?.threads ?? 1,
    slots: model?.slots ?? '',
    features:
      content?.features ?? (answers.features.length > 0 ? answers.features : ['CODE_COMPLETIONS', 'CODE_GENERATIONS']),
    frontHost: content?.front.host ?? '127.0.0.1',
    frontPort: content?.front.port ?? 8000,
  };
}

function keyText(source: SiteModel['endpointKey']): string {
  if (source === undefined) return '';
  return 'file' in source ? source.file : source.variable;
}

/** Every variable that may hold a key has this form, and a path has not. */
function keySourceOf(text: string): NonNullable<SiteModel['endpointKey']> {
  return /^SEALIFT_\w*$/.test(text) ? { variable: text } : { file: text };
}

/** Whether the draft's model has a different name than the chosen one. Models are named when they are packed, so it may still be the same model. */
export function isOtherThanChosen({ engine, modelName }: SiteDraft, { answers }: WizardState): boolean {
  const name = modelName.trim();
  return answers.modelId !== undefined && engine !== 'external' && name !== '' && name !== answers.modelId;
}

function storedModel({ engine, modelName }: SiteDraft, { store }: WizardState) {
  return engine === 'external' ? undefined : store.models.find((one) => one.name === modelName.trim());
}

/** Why the draft's model cannot be served as it is, if the store knows. */
export function modelProblem(draft: SiteDraft, state: WizardState): string | undefined {
  return storedModel(draft, state)?.problem;
}

/** The GGUF files of the draft's model if the site must or may say which one is served, and the one that its bundle names. */
export function ggufChoice(draft: SiteDraft, state: WizardState): { ggufs: string[]; served?: string | undefined } {
  const { ggufs = [], served } = storedModel(draft, state) ?? {};
  return servesGguf(draft.engine) && ggufs.length > 1 ? { ggufs, served } : { ggufs: [] };
}

function servesGguf(engine: SiteDraft['engine']): boolean {
  return engine !== 'external' && engine !== 'vllm';
}

/** Whether this model server runs from its own container image. */
export function usesImage(engine: SiteDraft['engine']): boolean {
  return engine === 'vllm' || engine === 'ollama' || engine === 'litellm-ollama';
}

/** Returns the content of the site file for a draft. Fields that the form does not show keep their values. */
export function contentOf(draft: SiteDraft, before: SiteFile | null | undefined): Record<string, unknown> {
  const isContainer = draft.gatewayKind === 'container';
  const { image: _image, ...gateway } = before?.gateway ?? {};
  const {
    endpoint: _endpoint,
    endpointKey: _endpointKey,
    slots: _slots,
    image: _modelImage,
    litellmImage: _litellm,
    serve: _serve,
    ...model
  } = before?.model ?? {};
  return {
    ...before,
    sealift: 1,
    name: draft.name.trim(),
    gitlab: {
      ...before?.gitlab,
      url: draft.gitlabUrl.trim(),
      version: draft.gitlabVersion.trim(),
      installation: draft.installation,
      simulated: draft.simulated,
    },
    gateway: {
      ...gateway,
      kind: draft.gatewayKind,
      host: draft.gatewayHost.trim(),
      httpPort: draft.httpPort,
      grpcPort: draft.grpcPort,
      ...(isContainer && { image: draft.gatewayImage.trim() }),
    },
    model: {
      ...model,
      engine: draft.engine,
      name: draft.modelName.trim(),
      ...(servesGguf(draft.engine) && draft.serve !== '' && { serve: draft.serve }),
      servedName: draft.servedName.trim(),
      family: draft.family,
      contextTokens: draft.contextTokens,
      threads: draft.threads,
      ...(draft.engine === 'llamacpp' && draft.slots !== '' && { slots: draft.slots }),
      ...(draft.engine === 'external' && { endpoint: draft.endpoint.trim(), ...endpointKeyOf(draft) }),
      ...(usesImage(draft.engine) && { image: draft.modelImage.trim() }),
      ...(draft.engine === 'litellm-ollama' && { litellmImage: draft.litellmImage.trim() }),
    },
    front: { ...before?.front, host: draft.frontHost.trim(), port: draft.frontPort },
    features: draft.features,
  };
}

function endpointKeyOf({ endpointKey }: SiteDraft) {
  return endpointKey.trim() === '' ? {} : { endpointKey: keySourceOf(endpointKey.trim()) };
}

/** Maps fields of the site file to fields of the form, to place the problems that the core reports. */
export const formField: Record<string, keyof SiteDraft> = {
  name: 'name',
  'gitlab.url': 'gitlabUrl',
  'gitlab.version': 'gitlabVersion',
  'gitlab.installation': 'installation',
  'gateway.kind': 'gatewayKind',
  'gateway.image': 'gatewayImage',
  'gateway.host': 'gatewayHost',
  'gateway.httpPort': 'httpPort',
  'gateway.grpcPort': 'grpcPort',
  'model.engine': 'engine',
  'model.name': 'modelName',
  'model.serve': 'serve',
  'model.endpoint': 'endpoint',
  'model.endpointKey': 'endpointKey',
  'model.endpointKey.file': 'endpointKey',
  'model.endpointKey.variable': 'endpointKey',
  'model.image': 'modelImage',
  'model.litellmImage': 'litellmImage',
  'model.servedName': 'servedName',
  'model.family': 'family',
  'model.contextTokens': 'contextTokens',
  'model.threads': 'threads',
  'model.slots': 'slots',
  features: 'features',
  'front.host': 'frontHost',
  'front.port': 'frontPort',
};
