import type { SettingStep } from '../../../shared/contract/gitlab.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { blockMarks, mergeRb } from './merge-rb.ts';
import { rbVariables } from './rb-variables.ts';

const rbFile = '/etc/gitlab/gitlab.rb';
const withoutBlock = `sed -i '/^${blockMarks.begin}/,/^${blockMarks.end}/d' ${rbFile}`;

/**
 * Returns the steps on GitLab's machine as a shell script that stops at the first command that fails. `run` is how a command is run there.
 * Undefined where there are none, or where a value is unknown.
 */
export function planScript(steps: readonly SettingStep[], run: string): string | undefined {
  if (steps.length === 0 || steps.some(({ how }) => how.some((line) => /<\w+>/.test(line)))) return undefined;
  const undo = steps.toReversed().flatMap((step) => (step.undo ? [say(step), ...undoLines(step, step.undo, run)] : []));
  return [
    '#!/bin/sh',
    '# What a site of Sealift needs on the machine of GitLab. The argument undo takes it back.',
    'set -eu',
    'if [ "$*" = undo ]; then',
    ...undo.map((line) => `  ${line}`),
    '  exit',
    'fi',
    ...steps.flatMap((step) => ['', say(step), ...applyLines(step, run), ...checkLines(step, run)]),
    '',
  ].join('\n');
}

function say({ number, title }: SettingStep): string {
  return `echo ${shellWord(`${number}. ${title}`)}`;
}

function applyLines(step: SettingStep, run: string): string[] {
  const variables = rbVariables([step]);
  if (Object.keys(variables).length === 0) return step.how;
  const block = mergeRb('', variables).trimEnd().split('\n').map(shellWord).join(' ');
  // A last line without a line break would otherwise swallow the first of the block.
  const isEnded = `[ -z "$(tail -c 1 ${rbFile})" ] || echo >> ${rbFile}`;
  const append = `printf '%s\\n' ${block} >> ${rbFile}`;
  return [inside([withoutBlock, isEnded, append], run), ...step.how.filter((line) => line.startsWith(run))];
}

function undoLines(step: SettingStep, undo: string[], run: string): string[] {
  if (Object.keys(rbVariables([step])).length === 0) return undo;
  return [inside([withoutBlock], run), ...undo.filter((line) => line.startsWith(run))];
}

function inside(commands: string[], run: string): string {
  return `${run} sh -c ${shellWord(`set -e; ${commands.join('; ')}`)}`;
}

/** The checks that are commands. What they print is for a person to compare. */
function checkLines({ check, expected }: SettingStep, run: string): string[] {
  const isCommand = (line: string) => line.startsWith(run) || line.startsWith('systemctl ');
  return [`echo ${shellWord(`Expected: ${expected}`)}`, ...check.filter(isCommand)];
}
