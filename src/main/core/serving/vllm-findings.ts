import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { CatalogFlags } from './catalog-flags.ts';
import type { VllmCatalog } from './vllm-catalog.ts';

/** What the findings are judged by. */
export interface VllmFindingFacts {
  catalog: VllmCatalog;
  asked: CatalogFlags | undefined;
  /** The longest context of the model, in tokens; undefined where its configuration does not tell it. */
  longest: number | undefined;
}

/** What a person should look at before a site's vLLM is started; none of it forbids to start it. */
export function vllmFindings({ model }: SiteFile, { catalog, asked, longest }: VllmFindingFacts): Finding[] {
  return [
    ...contextFindings(model, longest),
    ...parserFindings(model, catalog),
    ...codeFindings(model, asked),
    ...(asked ? [...rowFindings(asked), ...versionFindings(model, asked)] : []),
  ];
}

function contextFindings({ contextTokens }: SiteFile['model'], longest: number | undefined): Finding[] {
  if (longest === undefined || contextTokens <= longest) return [];
  return [
    {
      id: 'vllm.context-too-long',
      severity: 'red',
      title: `The model has a context of ${longest} tokens, the site file asks for ${contextTokens}`,
      consequence: 'vLLM refuses to start with more than the model has.',
      howWeKnow: "config.json in the model's folder",
      remedies: [steps(`Set model.contextTokens: ${longest} or less in site.yaml.`)],
    },
  ];
}

function parserFindings({ vllm }: SiteFile['model'], { toolCallParsers }: VllmCatalog): Finding[] {
  const parser = vllm?.toolCallParser;
  if (!parser || toolCallParsers.some((one) => one.name === parser)) return [];
  return [
    {
      id: 'vllm.unknown-parser',
      severity: 'amber',
      title: `Sealift knows no tool-call parser ${parser} of vLLM`,
      consequence: 'vLLM starts with a wrong name and fails at the first tool call.',
      remedies: [
        steps(`If your vLLM has it, go on. Known here: ${toolCallParsers.map((one) => one.name).join(', ')}.`),
      ],
    },
  ];
}

function codeFindings({ vllm }: SiteFile['model'], asked: CatalogFlags | undefined): Finding[] {
  const isAllowed = vllm?.trustRemoteCode === true;
  const isAsked = asked?.given.has('--trust-remote-code') === true;
  if (!isAllowed && !isAsked) return [];
  const reach = 'It runs in the container, which has no way out and cannot write the weights, but has the GPUs.';
  return [
    {
      id: 'vllm.code-of-the-model',
      severity: 'amber',
      ...(isAllowed
        ? {
            title: "vLLM will run Python code that lies in the model's folder",
            consequence: `${reach} What it answers and what it sees of prompts is in its hands.`,
            remedies: [steps('Where the model does without it, take model.vllm.trustRemoteCode out of site.yaml.')],
          }
        : {
            title: `${asked?.id} is served with --trust-remote-code, which site.yaml does not allow`,
            consequence:
              'vLLM may refuse to load it: a part of the model is Python code in its folder, which is not run.',
            remedies: [
              steps(
                "Read the .py files in the model's folder, or trust who published and packed them.",
                `Then set model.vllm.trustRemoteCode: true in site.yaml. ${reach}`,
              ),
            ],
          }),
      ...(isAsked && { howWeKnow: `catalogue: ${asked?.source}` }),
    },
  ];
}

function rowFindings({ id, isKnown, leftOut, source }: CatalogFlags): Finding[] {
  if (!isKnown)
    return [
      {
        id: 'vllm.unknown-row',
        severity: 'amber',
        title: `The catalogue has no model ${id}`,
        consequence: 'vLLM gets only the arguments that the site file and the family of the model tell.',
        remedies: [
          steps('Set model.vllm.catalogId to an id that "sealift models" shows, or take it out of site.yaml.'),
        ],
      },
    ];
  if (leftOut.length === 0) return [];
  return [
    {
      id: 'vllm.other-format',
      severity: 'amber',
      title: `${id} is served in Mistral's own form, and its folder does not hold that form whole`,
      consequence: `vLLM is started without ${leftOut.join(', ')} and reads the other form. Chat and tool calls may differ.`,
      howWeKnow: `catalogue: ${source}`,
      remedies: [
        steps(
          'Pack what that form needs (params.json, consolidated*.safetensors, tekken.json or tokenizer.model.v3), and import it.',
        ),
      ],
    },
  ];
}

function versionFindings({ image = '' }: SiteFile['model'], { id, minimumVersion, source }: CatalogFlags): Finding[] {
  const found = /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1];
  if (!found || !minimumVersion || !isOlder(found, minimumVersion)) return [];
  return [
    {
      id: 'vllm.too-old',
      severity: 'amber',
      title: `${id} is served since vLLM ${minimumVersion}, the image is of ${found}`,
      consequence: 'vLLM may not know the model, or its parsers, and not start.',
      howWeKnow: `model.image is ${image}; catalogue: ${source}`,
      remedies: [steps(`Pack an image of vLLM ${minimumVersion} or newer, import it, name it in site.yaml.`)],
    },
  ];
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split('.').map(Number.parseFloat));
  const at = [0, 1, 2].find((place) => a?.[place] !== b?.[place]);
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
