import { type CST, type Document, Lexer, LineCounter, Parser, parseDocument } from 'yaml';
import { redact } from '../../../shared/errors/app-error.ts';

const maxDepth = 32;
/** Entries of all lists and groups together. */
const maxEntries = 50_000;
/** Pieces that the text falls into: the brackets, signs, texts, spaces and line ends of so many entries. */
const maxPieces = 6 * maxEntries;
/** Each key of a group is compared with all before it. */
const maxKeys = 5000;
const maxProblems = 5;
const tooMany = `has more than ${maxEntries} entries`;
const tooDeep = `is nested too deeply: write it with at most ${maxDepth} levels`;

/** One reason why a text is not acceptable YAML. `line` is 0 if it concerns the whole file. */
export interface YamlProblem {
  line: number;
  problem: string;
}

/** Parsed YAML: its value, and the document for finding the line of a node. */
export interface ParsedYaml {
  isYaml: true;
  text: string;
  document: Document;
  lines: LineCounter;
  value: unknown;
}

/**
 * Parses YAML that may be hostile, and returns problems instead of throwing. The bytes must be UTF-8. The value may be nested 32
 * levels deep, must not contain itself, has a bounded number of entries, and may use at most `maxAliases` aliases.
 */
export function parseYaml(
  content: Buffer | string,
  maxAliases = 0,
): ParsedYaml | { isYaml: false; problems: YamlProblem[] } {
  const whole = (problem: string) => ({ isYaml: false as const, problems: [{ line: 0, problem }] });
  const text = textOf(content);
  if (text === undefined) return whole('is not UTF-8 text');
  const lines = new LineCounter();
  const shape = pieceProblem(text) ?? shapeProblem(text);
  if (shape) return whole(shape);
  const document = composed(text, lines);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const problems = faults.slice(0, maxProblems).map(({ pos, message }) => ({
      line: lines.linePos(pos[0]).line,
      problem: redact(firstLine(message)),
    }));
    return { isYaml: false, problems };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: maxAliases });
  } catch {
    return whole('uses too many YAML aliases (&name, *name), or one without its anchor: write the values out');
  }
  return isShallow(value, maxDepth) ? { isYaml: true, text, document, lines, value } : whole(tooDeep);
}

/** Returns the problems as texts for an error's list of issues. */
export function yamlIssues(problems: YamlProblem[]): string[] {
  return problems.map(({ line, problem }) => (line > 0 ? `line ${line}: not YAML: ${problem}` : `the file ${problem}`));
}

function textOf(content: Buffer | string): string | undefined {
  if (typeof content === 'string') return content;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 200);
}

/** Looks at one piece after another and keeps none: what a text becomes takes a thousand times its memory. */
function pieceProblem(text: string): string | undefined {
  let [pieces, depth] = [0, 0];
  for (const piece of new Lexer().lex(text)) {
    pieces += 1;
    if (pieces > maxPieces) return tooMany;
    if (piece === '[' || piece === '{') depth += 1;
    else if (piece === ']' || piece === '}') depth -= 1;
    if (depth > maxDepth) return tooDeep;
  }
  return undefined;
}

/** A text may have a fault in each of its pieces. Most of the time of such a fault goes into recording where in our code it was found. */
function composed(text: string, lineCounter: LineCounter): Document.Parsed {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Returns why a text is too deep or too wide to be composed, without recursion: composing is recursive, and close to the end of the
 * stack V8 may abort the process instead of throwing.
 */
function shapeProblem(text: string): string | undefined {
  const open: { token: CST.Token; level: number }[] = [];
  let entries = 0;
  for (const document of new Parser().parse(text)) {
    if (document.type === 'document' && document.value) open.push({ token: document.value, level: 1 });
    for (let next = open.pop(); next; next = open.pop()) {
      if (!('items' in next.token)) continue;
      if (next.level > maxDepth) return tooDeep;
      const { items, type } = next.token;
      entries += items.length;
      if (entries > maxEntries) return tooMany;
      const isList = type === 'block-seq' || (type === 'flow-collection' && next.token.start.source === '[');
      if (!isList && items.length > maxKeys) return `has a group with more than ${maxKeys} entries`;
      for (const { key, value } of items) {
        for (const token of [key, value]) if (token) open.push({ token, level: next.level + 1 });
      }
    }
  }
  return undefined;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1));
}
