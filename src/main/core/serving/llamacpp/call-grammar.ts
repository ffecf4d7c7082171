import { badRequest } from '../openai/api-error.ts';
import type { ChatTool } from '../openai/chat-request.ts';
import type { CallSyntax } from './call-syntax.ts';
import { GrammarRules } from './grammar-rules.ts';
import { literal } from './json-grammar.ts';
import { schemaRule } from './schema-grammar.ts';

/** Calls of tools that an answer is bound to. */
export interface BoundCalls {
  tools: readonly ChatTool[];
  /** Several calls are allowed. */
  isParallel: boolean;
  /** Told each part of a schema that the arguments may not keep to, because no grammar can. */
  onLoosened(problem: string): void;
}

/**
 * A grammar (GBNF) for what follows the start of a call: the name of one of the tools, arguments that are valid by its schema and, if
 * several are allowed, more calls. Throws ApiError 400 for a schema that no grammar can keep to, when its tool is `strict`.
 */
export function callGrammar(syntax: CallSyntax, { tools, isParallel, onLoosened }: BoundCalls): string {
  const rules = new GrammarRules();
  const each = tools.map((tool) => {
    const given = argumentsRule(tool, rules, onLoosened);
    return `${literal(tool.name)} ${literal(syntax.parameters)} ${given}`;
  });
  const call = rules.add(each.join(' | '));
  const more = isParallel ? ` (${literal(syntax.between)} ${call})*` : '';
  // Models may leave out what follows a call, but not what makes it whole.
  const isInJson = syntax.start.includes('{');
  const closing = isInJson ? syntax.suffix.slice(0, syntax.suffix.indexOf('}') + 1) : '';
  const rest = syntax.suffix.slice(closing.length);
  const end = `${closing === '' ? '' : ` ${literal(closing)}`}${rest === '' ? '' : ` ${literal(rest)}?`}`;
  return rules.text(`${call}${more}${end}`);
}

/** As with OpenAI, arguments are an object, whose schema begins with none of these. */
const notAtRoot = ['$ref', 'anyOf', 'allOf', 'enum', 'const'];

function argumentsRule(
  { name, parameters = {}, isStrict }: ChatTool,
  rules: GrammarRules,
  onLoosened: BoundCalls['onLoosened'],
): string {
  const what = `The schema of the tool ${name}`;
  const use = { what, param: 'tools', onLoosened: isStrict ? undefined : onLoosened };
  const other = notAtRoot.find((keyword) => keyword in parameters);
  if (other === undefined) return schemaRule({ ...parameters, type: 'object' }, rules, use);
  const problem = `${what} uses "${other}" for the arguments as a whole, which this engine cannot enforce.`;
  if (isStrict) throw badRequest(problem, 'unsupported_value', 'tools');
  onLoosened(problem);
  return 'object';
}
