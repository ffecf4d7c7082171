import { Document, isMap, isSeq } from 'yaml';
import type { BundleSpec } from '../../../../shared/bundle-spec.ts';
import { byHandText, type WorkedOut } from '../../../../shared/contract/needs.ts';

const width = 130;

/** Returns a `BUNDLE.yaml` with the reasons for each entry as comments, for people to read and edit. */
export function needsText(spec: BundleSpec, { contents, byHand, notes }: WorkedOut, lacks: string[]): string {
  const document = new Document(spec);
  const list = document.get('contents');
  for (const node of isSeq(list) ? list.items : []) {
    const name = isMap(node) ? (node.get('reference') ?? node.get('name')) : undefined;
    const about = contents.find((one) => one.name === name);
    if (about && isMap(node)) node.commentBefore = yamlComment([`${about.title}. ${about.why.join(' ')}`]);
  }
  document.commentBefore = yamlComment([
    `What GitLab ${spec.requirements.gitlab ?? ''} needs, as Sealift worked it out. Change what you want, then pack it.`,
    ...notes,
    ...lacks,
    ...byHand.map(byHandText),
  ]);
  return document.toString({ lineWidth: 0 });
}

/** Returns lines as a comment of a YAML document; long ones are wrapped, indented ones are kept as they are. */
export function yamlComment(lines: string[]): string {
  return lines
    .flatMap((line) => (line.startsWith(' ') ? [line] : wrapped(line)))
    .map((line) => ` ${line}`)
    .join('\n');
}

function wrapped(line: string): string[] {
  const rows: string[] = [''];
  for (const word of line.split(/\s+/)) {
    const last = rows.at(-1) ?? '';
    if (last !== '' && last.length + word.length + 1 > width) rows.push(word);
    else rows[rows.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return rows;
}
