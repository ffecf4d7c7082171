import { type CST, type Document, LineCounter, Parser, parseDocument } from 'yaml';
import { redact } from '../../../shared/errors/app-error.ts';

const maxDepth = 32;
const maxProblems = 5;

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
 * levels deep, must not contain itself, and may use at most `maxAliases` aliases.
 */
export function parseYaml(
  content: Buffer | string,
  maxAliases = 0,
): ParsedYaml | { isYaml: false; problems: YamlProblem[] } {
  const whole = (problem: string) => ({ isYaml: false as const, problems: [{ line: 0, problem }] });
  const tooDeep = `is nested too deeply: write it with at most ${maxDepth} levels`;
  const text = textOf(content);
  if (text === undefined) return whole('is not UTF-8 text');
  const lines = new LineCounter();
  // Composing a document is recursive, and close to the end of the stack V8 may abort the process instead of throwing.
  if (!isShallowText(text)) return whole(tooDeep);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
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

/** Returns whether collections are nested at most `maxDepth` levels deep, without recursion. */
function isShallowText(text: string): boolean {
  const open: { token: CST.Token; level: number }[] = [];
  for (const document of new Parser().parse(text)) {
    if (document.type === 'document' && document.value) open.push({ token: document.value, level: 1 });
    for (let next = open.pop(); next; next = open.pop()) {
      if (!('items' in next.token)) continue;
      if (next.level > maxDepth) return false;
      for (const { key, value } of next.token.items) {
        for (const token of [key, value]) if (token) open.push({ token, level: next.level + 1 });
      }
    }
  }
  return true;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1));
}
