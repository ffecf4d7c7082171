import type { Finding } from '../../shared/finding.ts';
import { remedyLines } from './print.ts';

/** Findings for people: what needs a look with its remedies, red first; green ones as one line. */
export function findingLines(findings: Finding[]): string[] {
  const open = findings.filter((one) => one.severity !== 'green');
  const passed = findings.length - open.length;
  const passedLine = passed > 0 ? [`● ${passed} check${passed === 1 ? '' : 's'} passed`] : [];
  return [...open.flatMap(openLines), ...passedLine];
}

/** One finding that needs a look, with its remedies. */
export function openLines(one: Finding): string[] {
  const lines = [`${one.severity === 'red' ? '■' : '▲'} ${one.title}`];
  if (one.consequence) lines.push(`  ${one.consequence}`);
  return [...lines, ...one.remedies.flatMap(remedyLines), ''];
}
