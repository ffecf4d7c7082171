import { readdirSync, readFileSync } from 'node:fs';

/** A row as a page of GitLab prints it; null where the page does not say. */
export interface PrintedRow {
  family: string | null;
  name: string;
  /** Of a model in the cloud: `cloud`; of any model at all: `any`. */
  repository: string | null;
  state: string;
  features: Record<(typeof features)[number], string | null>;
}

/** One page's tables, as they were typed from it. */
export interface PrintedPage {
  id: string;
  source: string;
  versions: string[];
  isJudged: boolean;
  rows: PrintedRow[];
}

const folder = 'test/fixtures/gitlab-tables';
const features = ['codeCompletion', 'codeGeneration', 'chat', 'agentPlatform'] as const;

/** All pages of `test/fixtures/gitlab-tables`, oldest first; throws when a file is not of its form. */
export function printedPages(): PrintedPage[] {
  const names = readdirSync(folder).filter((name) => /^\d+\.\d+\.md$/.test(name));
  const number = (id: string) => Number(id.split('.')[0]) * 100 + Number(id.split('.')[1]);
  return names.map((name) => read(name.slice(0, -3))).sort((a, b) => number(a.id) - number(b.id));
}

function read(id: string): PrintedPage {
  const text = readFileSync(`${folder}/${id}.md`, 'utf8');
  const line = (key: string) => new RegExp(`^${key}: (.+)$`, 'm').exec(text)?.[1];
  const words = new Map((line('Words') ?? '').split(/ (?=\w+=)/).map((one) => one.split('=') as [string, string]));
  const [, , ...rows] = text.split('\n').filter((one) => one.startsWith('|'));
  const source = line('Source');
  const versions = line('Versions')?.split(' ');
  if (!source || !versions) throw new Error(`${id}.md lacks its source or versions`);
  return { id, source, versions, isJudged: line('Judged') === 'yes', rows: rows.map((row) => readRow(row, words)) };
}

function readRow(row: string, words: Map<string, string>): PrintedRow {
  const cells = row.split('|').slice(1, -1);
  if (cells.length !== 8) throw new Error(`a row of ${cells.length} cells: ${row}`);
  const [family, name, repository, state, ...letters] = cells.map((cell) => cell.trim());
  const word = (letter = '') => {
    if (letter === '-') return null;
    const found = words.get(letter);
    if (found === undefined) throw new Error(`no word for ${letter}: ${row}`);
    return found;
  };
  const orNull = (text = '') => (text === '-' ? null : text);
  return {
    family: orNull(family),
    name: name ?? '',
    repository: orNull(repository),
    state: state ?? '',
    features: {
      codeCompletion: word(letters[0]),
      codeGeneration: word(letters[1]),
      chat: word(letters[2]),
      agentPlatform: word(letters[3]),
    },
  };
}
