import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { siteFeatures } from '../../../shared/model-sites.ts';
import { type SiteFile, siteFile } from '../../../shared/site-file.ts';
import { parseYaml } from '../files/parse-yaml.ts';
import { readNamed } from '../files/read-bounded.ts';
import { doubleFeatures } from './model-rules.ts';
import { rulesOfBrokenFile } from './rules-of-broken-file.ts';
import { ruleProblems, type SiteFileProblem, schemaProblems } from './site-file-problems.ts';
import { brokenRules } from './site-rules.ts';

const limitBytes = 64 * 1024;

/** A checked site file and its exact text. Its `features` are those of all its models. */
export interface ReadSiteFile {
  site: SiteFile;
  text: string;
}

/** Reads and checks a site file. Throws `file.missing`, `file.denied`, and `site.file-invalid` with every problem. */
export async function readSiteFile(path: string): Promise<ReadSiteFile> {
  return check(await readBytes(path), path);
}

/** Checks the text of a site file; `path` is only named in errors. Throws `site.file-invalid`. */
export function parseSiteFile(text: string, path: string): SiteFile {
  return check(text, path).site;
}

function check(content: Buffer | string, path: string): ReadSiteFile {
  const invalid = (problems: SiteFileProblem[]) =>
    appError('site.file-invalid', { path, problems: problems.map(printable) });
  const parsed = parseYaml(content);
  if (!parsed.isYaml)
    throw invalid(parsed.problems.map((one) => ({ field: one.line > 0 ? 'YAML' : 'the file', ...one })));
  const { text, document, lines, value } = parsed;
  const checked = siteFile.safeParse(value);
  if (!checked.success) {
    const rules = ruleProblems([...rulesOfBrokenFile(value, checked.error), ...doubleFeatures(value)], document, lines);
    throw invalid([...schemaProblems(checked.error, document, lines), ...rules]);
  }
  const site = { ...checked.data, features: siteFeatures(checked.data) };
  const broken = ruleProblems([...brokenRules(site), ...doubleFeatures(value)], document, lines);
  if (broken.length > 0) throw invalid(broken);
  return { site, text };
}

/** Control characters of a hostile file must not reach the terminal. */
function printable({ field, line, problem, expected }: SiteFileProblem): SiteFileProblem {
  const shown = (text: string) =>
    text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return { field: shown(field), line, problem: shown(problem), ...(expected && { expected: shown(expected) }) };
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readNamed(path, limitBytes, 'The site file');
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'file.too-large') throw error;
    const problem = `has ${error.wire.details.sizeBytes} bytes; a site file has at most ${limitBytes}`;
    throw appError('site.file-invalid', { path, problems: [{ field: 'the file', line: 0, problem }] }, error);
  }
}
