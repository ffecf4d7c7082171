import type { Finding } from '../../shared/finding.ts';
import { remedyLines } from './print.ts';

/** Findings for people: what needs a look with its remedies, red first; green ones as one line. */
export function findingLines(findings: Finding[]): string[] {
  const open = findings.filter((one) => one.severity !== 'green');
  const passed = findings.length - open.length;
  return [...open.flatMap(openLines), `● ${passed} check${passed === 1 ? '' : 's'} passed`];
}

function openLines(one: Finding): string[] {
  const lines = [`${one.severity === 'red' ? '■' : '▲'} ${one.title}`];
  if (one.consequence) lines.push(`  ${one.consequence}`);
  return [...lines, ...one.remedies.flatMap(remedyLines), ''];
}
