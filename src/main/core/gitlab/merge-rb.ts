/**
 * Changes `gitlab.rb`. It is a Ruby program and can set the variables in any way, so its own lines are never rewritten: a block at the end
 * merges ours into what the program set before. A later run replaces that block, or removes it.
 * Texts hold one character per byte (latin1), so a file in any encoding survives unchanged.
 */
/** How the first line of the block starts, and its last line. */
export const blockMarks = { begin: '# >>> AI Gateway', end: '# <<< AI Gateway' };
const begin = `${blockMarks.begin} (written by Sealift)`;
const beginUnended = `${blockMarks.begin} (written by Sealift after a last line without a line break)`;
const { end } = blockMarks;

/** Returns the text with a block that sets these variables of GitLab's environment. Safe to repeat. */
export function mergeRb(text: string, variables: Record<string, string>): string {
  const own = removeRb(text);
  const lineEnd = /\r\n/.test(own) ? '\r\n' : '\n';
  const at = programEnd(own);
  const program = own.slice(0, at);
  const isEnded = program === '' || program.endsWith('\n');
  const pairs = Object.entries(variables).map(([name, value]) => `  '${name}' => ${rubyString(value)}`);
  const block = [
    isEnded ? begin : beginUnended,
    "gitlab_rails['env'] = gitlab_rails['env'].to_h.merge({",
    pairs.join(`,${lineEnd}`),
    '})',
    end,
    '',
  ];
  return `${program}${isEnded ? '' : lineEnd}${block.join(lineEnd)}${own.slice(at)}`;
}

/** Returns the text as it was before `mergeRb` added its block. */
export function removeRb(text: string): string {
  const lines = programLines(text);
  // The innermost pair, so that a block that lost its last line does not reach to the end of the next one.
  const to = lines.findLastIndex(({ line }) => line === end);
  const from = lines.findLastIndex(({ line }, at) => at < to && (line === begin || line === beginUnended));
  const [first, last] = [lines[from], lines[to]];
  if (!first || !last) return text;
  const before = text.slice(0, first.from);
  return (first.line === begin ? before : before.replace(/\r?\n$/, '')) + text.slice(last.to);
}

function rubyString(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

/** Where Ruby stops reading: at a line `__END__`, or at the end of the text. */
function programEnd(text: string): number {
  return programLines(text).find(({ line }) => line === '__END__')?.from ?? text.length;
}

interface Line {
  /** Without its line break. */
  line: string;
  from: number;
  to: number;
}

/** The lines outside here-documents and block comments. */
function programLines(text: string): Line[] {
  const found: Line[] = [];
  const open: { word: string; mayIndent: boolean }[] = [];
  let isComment = false;
  for (const { 0: whole, index: from } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const line = whole.replace(/\r?\n$/, '');
    const [inside] = open;
    if (inside) {
      if ((inside.mayIndent ? line.trim() : line) === inside.word) open.shift();
    } else if (isComment || /^=begin(\s|$)/.test(line)) {
      isComment = !/^=end(\s|$)/.test(line);
    } else {
      found.push({ line, from, to: from + whole.length });
      open.push(...hereDocuments(line));
    }
  }
  return found;
}

const hereDocument = /<<([~-]?)(?:(["'`])([^"'`]+)\2|([A-Z_][A-Za-z0-9_]*))/g;

/** The here-documents that a line opens, ignoring its comment. */
function hereDocuments(line: string): { word: string; mayIndent: boolean }[] {
  const code = line.replace(/^\s*#.*$|\s#[^{].*$/, '');
  return [...code.matchAll(hereDocument)].map(([, dash, , quoted, bare]) => {
    return { word: quoted ?? bare ?? '', mayIndent: dash !== '' };
  });
}
