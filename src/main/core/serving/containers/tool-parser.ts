import { appError } from '../../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import type { TokenizerTexts } from '../../weights/folder/tokenizer-texts.ts';
import type { CatalogFlags } from './catalog-flags.ts';
import { nearestNames } from './nearest-names.ts';
import type { ToolCallParser, VllmCatalog } from './vllm-catalog.ts';

/** How vLLM reads tool calls: the parser's name, or why it gets none although one was expected. */
export interface ChosenParser {
  name?: string;
  /** A parser that the model's files do not seem to fit: left out unless the site file asks for it. */
  unfit?: { name: string; needs: NonNullable<ToolCallParser['needs']> };
}

/** What the choice depends on. */
export interface ParserFacts {
  catalog: VllmCatalog;
  asked?: CatalogFlags | undefined;
  /** The model's tokenizer and template; without it nothing is checked. */
  texts?: TokenizerTexts | undefined;
}

/**
 * Returns the tool-call parser: from the site file (`none` for none), else from the model's row, else the one of its family. One that
 * the model's files do not fit is left out. Throws `site.parser-unknown` and `site.parser-unfit` for the site file's.
 */
export function toolParser({ family, vllm, name: model }: SiteFile['model'], facts: ParserFacts): ChosenParser {
  const { catalog, asked, texts } = facts;
  const own = vllm?.toolCallParser;
  if (own === 'none') return {};
  const known = catalog.toolCallParsers;
  const found = known.find(({ name }) => name === own);
  if (own !== undefined && !found)
    throw appError('site.parser-unknown', {
      parser: own,
      near: nearestNames(
        own,
        known.map((one) => one.name),
      ),
      source: catalog.names,
    });
  const named = own ?? asked?.given.get('--tool-call-parser');
  const parser = known.find((one) => (named === undefined ? one.families.includes(family) : one.name === named));
  const name = named ?? parser?.name;
  const needs = parser?.needs;
  if (!needs || texts?.has(needs.text, needs.in) !== false) return name === undefined ? {} : { name };
  const unfit = { name: parser.name, needs };
  if (own !== undefined && needs.unverified) return { name: own, unfit };
  if (own !== undefined) throw appError('site.parser-unfit', { parser: own, model, text: needs.text, place: needs.in });
  return { unfit };
}
