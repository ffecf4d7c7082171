import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { columns } from './columns.ts';
import { findingLines } from './finding-lines.ts';
import { mark } from './status-lines.ts';

type Deployed = OutputOf<typeof contract.site.deploy>;
type Planned = OutputOf<typeof contract.site.plan>;

const stateGlyphs = { exists: '●', 'will-be-made': '○', 'will-change': '◐', blocked: '■' } as const;
const stateWords = { exists: 'exists', 'will-be-made': 'create', 'will-change': 'change', blocked: 'blocked' } as const;
const stateWidth = 7;

/** Returns the plan of a deployment, step by step. */
export function planLines(plan: Planned): string {
  const steps = plan.steps.map(
    (step) =>
      `${stateGlyphs[step.state]} ${stateWords[step.state].padEnd(stateWidth)}  ${step.title}${mark(step)}${step.why ? `: ${step.why}` : ''}\n  ${' '.repeat(stateWidth)}  ${step.what}${containerLines(step.container)}`,
  );
  return [...steps, ...changeLines(plan.changes ?? []), ...findingLines(plan.findings)].join('\n');
}

function changeLines(changes: NonNullable<Planned['changes']>): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map(({ field, before, after }) => [field, `${before ?? 'not set'} → ${after ?? 'not set'}`]);
  return ['', 'Changes to the site file:', ...columns(rows, '  ')];
}

function containerLines(container: Planned['steps'][number]['container']): string {
  if (!container) return '';
  const { env, ports, mounts, extraHosts, command } = container;
  const rows = [
    ...ports.map((one) => ['port', `${one.hostIp}:${one.hostPort} to ${one.containerPort}`]),
    ...mounts.map((one) => ['mount', `${one.source} at ${one.target}${one.readOnly ? ', read-only' : ''}`]),
    ...extraHosts.map((one) => ['host', one]),
    ...Object.entries(env).map(([name, value]) => ['env', `${name}=${value}`]),
    ...(command ? [['command', command.join(' ')]] : []),
  ];
  return columns(rows, ' '.repeat(stateWidth + 6))
    .map((line) => `\n${line}`)
    .join('');
}

/** Returns what a deployment did, and where its parts listen. */
export function deployedLines(data: Deployed): string {
  const count = (state: string) => data.steps.filter((step) => step.state === state).length;
  const parts = data.parts.map((part) => [
    `● ${part.name}`,
    `${part.host}:${part.port}`,
    `${part.version}${mark(part)}`,
  ]);
  const containers = (data.containers ?? []).map((one) => {
    const ports = one.ports.map((port) => `${port.hostIp}:${port.hostPort}`).join(', ');
    return [`● ${one.part}`, ports || 'no published port', `container ${one.name} of ${one.image}${mark(one)}`];
  });
  const counts = `${count('made')} created, ${count('changed')} changed, ${count('kept')} kept`;
  return [`● ${data.site}: ${counts}`, ...columns([...parts, ...containers])].join('\n');
}
