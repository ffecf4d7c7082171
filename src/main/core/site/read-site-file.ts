import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { type AppError, appError, redact } from '../../../shared/errors/app-error.ts';
import { type SiteFile, siteFile } from '../../../shared/site-file.ts';
import { fileError } from '../files/file-error.ts';
import { ruleProblems, type SiteFileProblem, schemaProblems } from './site-file-problems.ts';
import { brokenRules } from './site-rules.ts';

const limitBytes = 64 * 1024;
const tooDeep = 'is nested too deeply: a site file has three levels';
// A named pipe must not make the open wait for its other end.
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A checked site file and its exact text. */
export interface ReadSiteFile {
  site: SiteFile;
  text: string;
}

/** Reads and checks a site file. Throws `file.missing`, `file.denied` or `site.file-invalid` with every problem. */
export async function readSiteFile(path: string): Promise<ReadSiteFile> {
  const text = await readText(path);
  return { site: parseSiteFile(text, path), text };
}

/** Checks the text of a site file; `path` is only named in errors. Throws `site.file-invalid`. */
export function parseSiteFile(text: string, path: string): SiteFile {
  const lines = new LineCounter();
  const invalid = (problems: SiteFileProblem[], cause?: unknown) =>
    appError('site.file-invalid', { path, problems: problems.map(printable) }, cause);
  const { document, value } = parseYaml(text, lines, (problem, cause) => invalid([whole(problem)], cause));
  const faults = [...document.errors, ...document.warnings].slice(0, 5);
  if (faults.length > 0) throw invalid(faults.map((fault) => yamlProblem(fault, lines)));
  const checked = siteFile.safeParse(value);
  if (!checked.success) throw invalid(schemaProblems(checked.error, document, lines));
  const broken = ruleProblems(brokenRules(checked.data), document, lines);
  if (broken.length > 0) throw invalid(broken);
  return checked.data;
}

function parseYaml(
  text: string,
  lineCounter: LineCounter,
  invalid: (problem: string, cause: unknown) => AppError,
): { document: Document; value: unknown } {
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (error) {
    // The parser recurses: only nesting of thousands of levels gets here.
    throw invalid(tooDeep, error);
  }
  const overflow = document.errors.find((one) => one.message.includes('call stack'));
  if (overflow) throw invalid(tooDeep, overflow);
  if (document.errors.length > 0) return { document, value: undefined };
  try {
    return { document, value: document.toJS({ maxAliasCount: 0 }) };
  } catch (error) {
    throw invalid('uses YAML aliases (&name, *name) or is nested too deeply: write the values out', error);
  }
}

function yamlProblem(fault: YAMLError, lines: LineCounter): SiteFileProblem {
  const problem = redact(fault.message.split('\n', 1).join('').slice(0, 200));
  return { field: 'YAML', line: lines.linePos(fault.pos[0]).line, problem };
}

/** Control characters of a hostile file must not reach the terminal. */
function printable({ field, line, problem }: SiteFileProblem): SiteFileProblem {
  const shown = (text: string) =>
    text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return { field: shown(field), line, problem: shown(problem) };
}

function whole(problem: string): SiteFileProblem {
  return { field: 'the file', line: 0, problem };
}

async function readText(path: string): Promise<string> {
  const file = await open(path, readOnly).catch((error) => {
    throw fileError(path, 'read', error, 'The site file');
  });
  try {
    const stat = await file.stat();
    const { size } = stat;
    if (!stat.isFile()) throw appError('file.missing', { path, what: 'The site file (a regular file)' });
    if (size > limitBytes) {
      const problem = `has ${size} bytes: give a site file, which has at most ${limitBytes}`;
      throw appError('site.file-invalid', { path, problems: [whole(problem)] });
    }
    const { bytesRead, buffer } = await file.read(Buffer.alloc(limitBytes), 0, limitBytes, 0);
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
  } catch (error) {
    if (error instanceof TypeError)
      throw appError('site.file-invalid', { path, problems: [whole('is not UTF-8 text')] }, error);
    throw error;
  } finally {
    await file.close();
  }
}
