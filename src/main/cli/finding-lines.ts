import type { Finding } from '../../shared/finding.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { remedyLines } from './print.ts';

/** Returns findings as lines for people: open ones with their remedies, green ones as a single line. */
export function findingLines(findings: Finding[]): string[] {
  const open = findings.filter((one) => one.severity !== 'green');
  const passed = findings.length - open.length;
  const passedLine = passed > 0 ? [`● ${passed} check${passed === 1 ? '' : 's'} passed`] : [];
  return [...open.flatMap(openLines), ...passedLine];
}

/** Returns one open finding with its remedies. */
export function openLines(one: Finding): string[] {
  const lines = [`${one.severity === 'red' ? '■' : '▲'} ${plainLine(one.title)}`];
  if (one.consequence) lines.push(`  ${plainLine(one.consequence)}`);
  return [...lines, ...one.remedies.flatMap(remedyLines), ''];
}
