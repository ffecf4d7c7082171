import { appError } from '../../../../shared/errors/app-error.ts';
import type { SiteModel } from '../../../../shared/site-file.ts';
import type { TokenizerTexts } from '../../weights/folder/tokenizer-texts.ts';
import type { CatalogFlags } from './catalog-flags.ts';
import { nearestNames } from './nearest-names.ts';
import type { ToolCallParser, VllmCatalog } from './vllm-catalog.ts';
import { isOlder, vllmVersionOf } from './vllm-version.ts';

/** How vLLM reads tool calls: the parser's name, or why it gets none although one was expected. */
export interface ChosenParser {
  name?: string;
  /** A parser that the model's files do not seem to fit: left out unless the site file asks for it. */
  unfit?: { name: string; needs: NonNullable<ToolCallParser['needs']> };
  /** Set if the image's version of vLLM may lack the parser: similar names of the catalogue, and where its names are from. */
  doubt?: { near: string[]; source: string };
}

/** What the choice depends on. */
export interface ParserFacts {
  catalog: VllmCatalog;
  asked?: CatalogFlags | undefined;
  /** The model's tokenizer and template; without it nothing is checked. */
  texts?: TokenizerTexts | undefined;
  /** How the parser's field of the site file is called. Default: `model.vllm.toolCallParser`. */
  field?: string;
}

/**
 * Returns the tool-call parser: from the site file (`none` for none), else from the model's row, else the one of its family. One that
 * the model's files do not fit is left out. Throws `site.parser-unknown` and `site.parser-unfit` for the site file's; a name that only a
 * version of vLLM without a list here may have is not refused.
 */
export function toolParser(model: SiteModel, facts: ParserFacts): ChosenParser {
  const { family, vllm } = model;
  const { catalog, asked, texts, field = 'model.vllm.toolCallParser' } = facts;
  const own = vllm?.toolCallParser;
  if (own === 'none') return {};
  const named = own ?? asked?.given.get('--tool-call-parser');
  const known = catalog.toolCallParsers;
  const parser = known.find((one) => (named === undefined ? one.families.includes(family) : one.name === named));
  const name = named ?? parser?.name;
  if (name === undefined) return {};
  const kept = { name, ...doubtOf(name, parser, { image: model.image, field }, catalog) };
  const needs = parser?.needs;
  if (!needs || texts?.has(needs.text, needs.in) !== false) return kept;
  const unfit = { name, needs };
  if (own !== undefined && needs.unverified) return { ...kept, unfit };
  if (own === undefined) return { unfit };
  throw appError('site.parser-unfit', { field, parser: own, model: model.name, text: needs.text, place: needs.in });
}

function doubtOf(
  name: string,
  parser: ToolCallParser | undefined,
  { image, field }: { image: string | undefined; field: string },
  { toolCallParsers, names: source, vllm: { oldest, newest } }: VllmCatalog,
): Pick<ChosenParser, 'doubt'> {
  const version = vllmVersionOf(image);
  const isFrom = (from?: string, to?: string) =>
    version === undefined || !(isOlder(version, from ?? version) || isOlder(to ?? version, version));
  if (parser && isFrom(parser.since, parser.until)) return {};
  const near = nearestNames(
    name,
    toolCallParsers.map((one) => one.name).filter((one) => one !== name),
  );
  if (parser || version === undefined || !isFrom(oldest, newest)) return { doubt: { near, source } };
  throw appError('site.parser-unknown', { parser: name, version, near, source, field });
}
