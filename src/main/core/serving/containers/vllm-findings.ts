import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { type ModelSite, modelField } from '../../../../shared/model-sites.ts';
import type { CatalogFlags } from './catalog-flags.ts';
import type { ChosenParser } from './tool-parser.ts';
import { isOlder, vllmVersionOf } from './vllm-version.ts';

/** What the findings depend on. */
export interface VllmFindingFacts {
  parser: ChosenParser;
  asked?: CatalogFlags | undefined;
  /** The model's longest context, in tokens; undefined when its configuration does not contain it. */
  longest: number | undefined;
}

/** Lists what to look at before a site's vLLM starts; none of it blocks the deployment. */
export function vllmFindings(site: ModelSite, facts: VllmFindingFacts): Finding[] {
  const { parser, asked, longest } = facts;
  const tooOld = asked ? versionFindings(site, asked) : [];
  return [
    ...contextFindings(site, longest),
    ...parserFindings(site, parser),
    // A version that is too old for the model explains a missing parser.
    ...(tooOld.length > 0 ? [] : parserDoubts(site, parser)),
    ...codeFindings(site, asked),
    ...(asked ? rowFindings(site, asked) : []),
    ...tooOld,
  ];
}

function contextFindings(site: ModelSite, longest: number | undefined): Finding[] {
  const { contextTokens } = site.model;
  if (longest === undefined || contextTokens <= longest) return [];
  return [
    {
      id: 'vllm.context-too-long',
      severity: 'red',
      title: `The site file asks for a context of ${contextTokens} tokens, but the model has ${longest}`,
      consequence: 'vLLM refuses to start with a longer context than the model has.',
      howWeKnow: "config.json in the model's folder",
      remedies: [steps(`Set ${modelField(site, 'contextTokens')} to ${longest} or less in site.yaml.`)],
    },
  ];
}

function parserFindings(site: ModelSite, { unfit, name: kept }: ChosenParser): Finding[] {
  if (!unfit) return [];
  const { name, needs } = unfit;
  const place = needs.in === 'tokenizer' ? 'tokenizer' : 'chat template';
  return [
    {
      id: kept === undefined ? 'vllm.parser-left-out' : 'vllm.parser-doubtful',
      severity: 'amber',
      title: `The ${place} of ${site.model.name} lacks ${needs.text}, which the tool-call parser ${name} ${needs.unverified ? 'seems to need' : 'needs'}`,
      consequence:
        kept === undefined
          ? 'vLLM starts without a parser: chat works, tools and agents do not.'
          : 'vLLM may refuse to start.',
      howWeKnow: `the files in the model's folder; what the parser needs: ${needs.source}`,
      remedies: [
        steps(
          `If this model calls tools with another parser, set ${modelField(site, 'vllm.toolCallParser')} in site.yaml.`,
          `If it calls no tools, set ${modelField(site, 'vllm.toolCallParser')} to none.`,
        ),
      ],
    },
  ];
}

function parserDoubts(site: ModelSite, { name, doubt }: ChosenParser): Finding[] {
  if (!doubt) return [];
  const { image } = site.model;
  const version = vllmVersionOf(image);
  return [
    {
      id: 'vllm.parser-not-listed',
      severity: 'amber',
      title: `Unknown whether ${version === undefined ? 'the vLLM in the image' : `vLLM ${version}`} has the tool-call parser ${name}`,
      consequence: 'vLLM refuses to start with a parser that is unknown to it.',
      howWeKnow: `${modelField(site, 'image')} is ${image ?? 'missing'}; names: ${doubt.source}`,
      remedies: [
        steps(
          'Look the name up in the documentation of the vLLM version in the image.',
          `If it is misspelt, correct ${modelField(site, 'vllm.toolCallParser')} in site.yaml. Similar names: ${doubt.near.join(', ')}.`,
        ),
      ],
    },
  ];
}

function codeFindings(site: ModelSite, asked: CatalogFlags | undefined): Finding[] {
  const allow = modelField(site, 'vllm.trustRemoteCode');
  const isAllowed = site.model.vllm?.trustRemoteCode === true;
  const isAsked = asked?.given.has('--trust-remote-code') === true;
  if (!isAllowed && !isAsked) return [];
  const reach = 'It runs in the container, which has the GPUs but no internet access, and cannot change the weights.';
  return [
    {
      id: 'vllm.code-of-the-model',
      severity: 'amber',
      ...(isAllowed
        ? {
            title: "vLLM will run Python code from the model's folder",
            consequence: `${reach} It sees every prompt and controls every answer.`,
            remedies: [steps(`If the model works without it, remove ${allow} from site.yaml.`)],
          }
        : {
            title: `${asked?.id} needs --trust-remote-code, which site.yaml does not allow`,
            consequence:
              'vLLM may refuse to load it: part of the model is Python code in its folder, which will not run.',
            remedies: [
              steps(
                "Read the .py files in the model's folder, or trust who published and packed them.",
                `Then set ${allow} to true in site.yaml. ${reach}`,
              ),
            ],
          }),
      ...(isAsked && { howWeKnow: `catalogue: ${asked?.source}` }),
    },
  ];
}

function rowFindings(site: ModelSite, { id, isKnown, leftOut, source }: CatalogFlags): Finding[] {
  if (!isKnown)
    return [
      {
        id: 'vllm.unknown-row',
        severity: 'amber',
        title: `The catalogue has no model ${id}`,
        consequence: 'vLLM gets only the arguments that follow from the site file and the model family.',
        remedies: [
          steps(
            `Set ${modelField(site, 'vllm.catalogId')} to an id that "sealift models" shows, or remove it from site.yaml.`,
          ),
        ],
      },
    ];
  if (leftOut.length === 0) return [];
  return [
    {
      id: 'vllm.other-format',
      severity: 'amber',
      title: `${id} should be served in Mistral's own format, but its folder lacks some of the files`,
      consequence: `vLLM starts without ${leftOut.join(', ')} and reads the Hugging Face format. Chat and tool calls may differ.`,
      howWeKnow: `catalogue: ${source}`,
      remedies: [
        steps(
          'Pack the missing files (params.json, consolidated*.safetensors, tekken.json or tokenizer.model.v3), and import them.',
        ),
      ],
    },
  ];
}

function versionFindings(site: ModelSite, { id, minimumVersion, source }: CatalogFlags): Finding[] {
  const { image = '' } = site.model;
  const found = vllmVersionOf(image);
  if (!found || !minimumVersion || !isOlder(found, minimumVersion)) return [];
  return [
    {
      id: 'vllm.too-old',
      severity: 'amber',
      title: `${id} needs vLLM ${minimumVersion} or newer, but the image has ${found}`,
      consequence: 'vLLM may not know the model or its parsers, and then does not start.',
      howWeKnow: `${modelField(site, 'image')} is ${image}; catalogue: ${source}`,
      remedies: [
        steps(
          `Pack an image of vLLM ${minimumVersion} or newer, import it, and set ${modelField(site, 'image')} in site.yaml.`,
        ),
      ],
    },
  ];
}
